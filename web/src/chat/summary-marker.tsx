import { ChevronRight, Rows3 } from "lucide-react";
import type { ReactNode } from "react";
import { useId } from "react";
import { z } from "zod";
import { cx } from "../ui/cx.ts";
import { Markdown } from "./markdown.tsx";
import type { ToolCall } from "./rows.ts";
import { count } from "./words.ts";

const summaryResult = z.object({
  summary: z.string().catch(""),
  source: z.string().catch("automatic"),
  usage_percent: z.number().nullable().catch(null),
  context_tokens: z.number().nullable().catch(null),
  context_limit_tokens: z.number().nullable().catch(null),
});

interface SummaryMarkerProps {
  tool: ToolCall;
  open: boolean;
  onToggle: (open: boolean) => void;
}

/** A line across the conversation: from here on the model knows what came before by its summary. */
export function SummaryMarker({ tool, open, onToggle }: SummaryMarkerProps): ReactNode {
  const bodyId = useId();
  const result = summaryResult.safeParse(tool.result?.result).data ?? null;
  const words = summaryWords(result);
  return (
    <section data-testid="summary-marker" className="py-3">
      <div className="flex items-center gap-3">
        <span aria-hidden className="h-px flex-1 bg-line-strong" />
        <button
          type="button"
          aria-expanded={open}
          aria-controls={open ? bodyId : undefined}
          disabled={result === null}
          onClick={() => onToggle(!open)}
          className="tabular flex min-h-7 items-center gap-2 rounded-md px-2 text-sm text-muted hover:bg-surface hover:text-ink"
        >
          <Rows3 size={14} aria-hidden className="text-faint" />
          {words}
          <ChevronRight
            size={14}
            aria-hidden
            className={cx("text-faint transition-transform duration-100", open && "rotate-90")}
          />
        </button>
        <span aria-hidden className="h-px flex-1 bg-line-strong" />
      </div>
      {open && result !== null && (
        <div id={bodyId} className="mt-3 rounded-lg border border-line bg-surface px-4 py-3 text-base text-muted">
          <p className="pb-3 text-sm text-faint">
            The model goes on with this summary{result.source === "manual" && ", which you asked for,"} instead of what
            was said before. You still see all of it.
            {result.context_tokens !== null &&
              result.context_limit_tokens !== null &&
              ` The context had ${count(result.context_tokens)} of ${count(result.context_limit_tokens)} tokens.`}
          </p>
          <Markdown text={result.summary} streaming={false} />
        </div>
      )}
    </section>
  );
}

function summaryWords(result: z.infer<typeof summaryResult> | null): string {
  if (result === null) return "Summarising…";
  if (result.usage_percent === null) return "Summarised";
  return `Summarised · ${Math.max(1, Math.round(result.usage_percent))} % of context`;
}
