import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { cx } from "../ui/cx.ts";
import { MenuLine } from "../ui/menu.tsx";
import { formatMicros } from "../ui/money.ts";
import { limitStatusQuery } from "./limit-queries.ts";
import {
  isLimited,
  limitLevel,
  periodWords,
  resetMoment,
  sourceWords,
  spentShare,
  type Limited,
  type LimitLevel,
} from "./limit-words.ts";

/** The reader's own spend limit: how much of it is spent, and when it begins anew. Nothing while nothing limits them. */
export function LimitMeter({ className }: { className?: string }): ReactNode {
  const { data } = useQuery(limitStatusQuery);
  if (!isLimited(data)) return null;
  const level = limitLevel(data);
  const facts = [
    level === "reached" ? `Begins anew on ${resetMoment(data.period_end)}` : `Until ${resetMoment(data.period_end)}`,
    data.source !== undefined && sourceWords[data.source],
    data.reserved_micros > 0 && `${formatMicros(data.reserved_micros)} is set aside for answers that are being written`,
  ].filter((fact) => fact !== false);
  return (
    <section
      aria-label="Your spend limit"
      data-testid="limit-meter"
      className={cx("rounded-lg border border-line bg-overlay px-4 py-3.5", className)}
    >
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <h3 className="font-medium">Your spend limit {periodWords[data.period].now}</h3>
        <Spent limited={data} level={level} />
      </div>
      <Bar limited={data} level={level} className="mt-2.5 h-1.5" />
      <p className="tabular mt-2.5 text-sm text-muted">{facts.join(" · ")}</p>
    </section>
  );
}

/** The same in two lines, for a menu. */
export function SmallLimitMeter(): ReactNode {
  const { data } = useQuery(limitStatusQuery);
  if (!isLimited(data)) return null;
  const level = limitLevel(data);
  return (
    <>
      <div data-testid="small-limit-meter" className="px-2 pt-1.5 pb-2 text-sm">
        <div className="flex items-baseline justify-between gap-3">
          <span className="text-muted">Spent {periodWords[data.period].now}</span>
          <Spent limited={data} level={level} />
        </div>
        <Bar limited={data} level={level} className="mt-2 h-1" />
        {level !== "calm" && <p className="mt-2 text-xs text-muted">Begins anew on {resetMoment(data.period_end)}</p>}
      </div>
      <MenuLine />
    </>
  );
}

const textOf: Record<LimitLevel, string> = { calm: "text-ink", near: "text-warning", reached: "text-danger" };
const fillOf: Record<LimitLevel, string> = { calm: "bg-accent", near: "bg-warning", reached: "bg-danger" };

function Spent({ limited, level }: { limited: Limited; level: LimitLevel }): ReactNode {
  return (
    <span className={cx("tabular whitespace-nowrap", textOf[level])}>
      {formatMicros(limited.current_spend)}{" "}
      <span className="text-muted">of {formatMicros(limited.spend_limit_micros)}</span>
    </span>
  );
}

/** The figures stand beside it in words. */
function Bar({ limited, level, className }: { limited: Limited; level: LimitLevel; className: string }): ReactNode {
  const percent = Math.min(100, spentShare(limited) * 100);
  return (
    <div aria-hidden className={cx("overflow-hidden rounded-full bg-raised", className)}>
      <div className={cx("h-full rounded-full", fillOf[level])} style={{ width: `${percent}%` }} />
    </div>
  );
}
