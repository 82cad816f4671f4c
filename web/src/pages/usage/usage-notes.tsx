import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { CostSummary } from "../../../../src/contract/usage.ts";
import { counted } from "../../shell/names.ts";
import { useRights } from "../../shell/rights.ts";
import { Notice } from "../../ui/notice.tsx";
import { otherCallsWords } from "./usage-words.ts";

/** What the figures leave out, and what is in them besides messages. */
export function UsageNotes({ summary }: { summary: CostSummary }): ReactNode {
  const { unpriced_call_count: unpriced, other_call_count: others } = summary;
  const { manage_deployment: setsPrices } = useRights();
  if (unpriced === 0 && others === 0) return null;
  return (
    <div className="flex flex-col gap-3">
      {unpriced > 0 && (
        <Notice tone="warning">
          {counted(unpriced, "model call")} could not be priced, so the cost is higher than shown.
          {setsPrices && (
            <>
              {" "}
              <Link to="/settings/models" className="underline underline-offset-3">
                See which models have no prices
              </Link>
            </>
          )}
        </Notice>
      )}
      {others > 0 && <p className="text-sm text-muted">{otherCallsWords(summary)}</p>}
    </div>
  );
}

/** Whether there is anything to tell. */
export function isEmpty(summary: CostSummary): boolean {
  return summary.chat_count === 0;
}
