import type { ReactNode } from "react";
import type { CostSummary } from "../../../../src/contract/usage.ts";
import { counted } from "../../shell/names.ts";
import { formatMicros } from "../../ui/money.ts";
import { Notice } from "../../ui/notice.tsx";

/** What the figures leave out, and what is in them besides messages. */
export function UsageNotes({ summary }: { summary: CostSummary }): ReactNode {
  const { unpriced_call_count: unpriced, other_call_count: others } = summary;
  if (unpriced === 0 && others === 0) return null;
  return (
    <div className="flex flex-col gap-3">
      {unpriced > 0 && (
        <Notice tone="warning">
          {counted(unpriced, "model call")} could not be priced, so the cost is higher than shown.
        </Notice>
      )}
      {others > 0 && (
        <p className="text-sm text-muted">
          {formatMicros(summary.other_call_cost_micros)} of it went to {counted(others, "call")} that{" "}
          {others === 1 ? "is" : "are"} no message: titles, summaries of long chats, and attempts that failed.
        </p>
      )}
    </div>
  );
}

/** Whether there is anything to tell. */
export function isEmpty(summary: CostSummary): boolean {
  return summary.chat_count === 0;
}
