import { useQuery } from "@tanstack/react-query";
import { Gauge, X } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { remember, remembered } from "../shell/remembered.ts";
import { IconButton } from "../ui/button.tsx";
import { cx } from "../ui/cx.ts";
import { formatMicros } from "../ui/money.ts";
import { limitStatusQuery } from "./limit-queries.ts";
import { isLimited, limitLevel, noticeKey, periodWords, resetMoment, type Limited } from "./limit-words.ts";

/** What was dismissed last: of another period or level it says nothing. */
const DISMISSED = "limit-notice";

/** Stands above the composer when most of the reader's limit is spent, and when all of it is; once for each period. */
export function LimitNotice(): ReactNode {
  const { data } = useQuery(limitStatusQuery);
  const [dismissed, setDismissed] = useState(() => remembered(DISMISSED));
  if (!isLimited(data) || limitLevel(data) === "calm") return null;
  const key = noticeKey(data);
  if (dismissed === key) return null;
  const reached = limitLevel(data) === "reached";
  return (
    <div
      role="status"
      data-testid="limit-notice"
      className={cx(
        "mt-2 flex items-start gap-2.5 rounded-lg py-2 pr-1.5 pl-3 text-sm",
        reached ? "bg-danger-soft" : "bg-warning-soft",
      )}
    >
      <Gauge size={16} aria-hidden className={cx("mt-0.5 shrink-0", reached ? "text-danger" : "text-warning")} />
      <p className="tabular min-w-0 flex-1 text-ink">{noticeWords(data)}</p>
      <IconButton
        label="Dismiss"
        className="-my-1"
        onClick={() => {
          remember(DISMISSED, key);
          setDismissed(key);
        }}
      >
        <X size={14} aria-hidden />
      </IconButton>
    </div>
  );
}

function noticeWords(limited: Limited): string {
  const { current_spend, spend_limit_micros, period, period_end } = limited;
  const until = resetMoment(period_end);
  if (limitLevel(limited) === "reached") {
    const all = `You have spent all of your ${formatMicros(spend_limit_micros)} ${periodWords[period].now}.`;
    return `${all} You can send again from ${until}, or when an owner of this deployment raises the limit.`;
  }
  const most = `You have spent ${formatMicros(current_spend)} of ${formatMicros(spend_limit_micros)}`;
  return `${most} ${periodWords[period].now}. It begins anew on ${until}.`;
}
