import type { ReactNode } from "react";
import type { Timeline } from "../../../src/contract/timeline.ts";
import { cx } from "../ui/cx.ts";
import { formatMicros } from "../ui/money.ts";
import { Tooltip } from "../ui/tooltip.tsx";
import { counted } from "../shell/names.ts";
import { contextFill } from "./status-words.ts";
import { count } from "./words.ts";

/** From here on the context is worth a look, and from there on it is nearly full. */
const WARNING_FROM = 0.85;
const DANGER_FROM = 0.95;

/** How full the context is, as a ring, and what the chat has cost so far; the rest of it on hover and focus. */
export function ContextMeter({ timeline }: { timeline: Timeline }): ReactNode {
  const usage = timeline.usage;
  const fill = contextFill(timeline);
  if (usage === null) return null;
  const cost = formatMicros(usage.total_cost_micros);
  const unpriced =
    usage.unpriced_calls > 0 && usage.total_cost_micros !== null
      ? `, and ${counted(usage.unpriced_calls, "call")} not priced`
      : "";
  const percent = fill === null ? null : Math.max(fill > 0 ? 1 : 0, Math.round(fill * 100));
  const threshold = usage.compression_threshold;
  const label = [
    fill !== null &&
      `${percent}% – ${count(usage.context_tokens ?? 0)} of ${count(usage.context_limit ?? 0)} tokens of context`,
    threshold !== null && (threshold < 100 ? `Summarised at ${threshold}%` : "Never summarised by itself"),
    `This chat: ${cost}${unpriced}`,
  ].filter((line) => line !== false);
  return (
    <Tooltip
      tap
      label={
        <span className="flex flex-col py-0.5">
          {label.map((line) => (
            <span key={line} className="tabular">
              {line}
            </span>
          ))}
        </span>
      }
    >
      <button
        type="button"
        data-testid="context-meter"
        className="tabular -my-1 -mr-1 inline-flex min-h-6 shrink-0 items-center gap-1.5 rounded-md px-1 text-faint hover:text-ink"
      >
        {fill !== null && (
          <>
            <Ring fill={fill} threshold={threshold === null || threshold >= 100 ? null : threshold / 100} />
            <span className={toneOf(fill) === "text-faint" ? undefined : toneOf(fill)}>{percent}% of context</span>
            <span aria-hidden>·</span>
          </>
        )}
        <span>{cost}</span>
        <span className="sr-only">: {label.join(", ")}</span>
      </button>
    </Tooltip>
  );
}

function toneOf(fill: number): string {
  if (fill >= DANGER_FROM) return "text-danger";
  return fill >= WARNING_FROM ? "text-warning" : "text-faint";
}

const SIZE = 14;
const RADIUS = 5.5;
const LENGTH = 2 * Math.PI * RADIUS;

function Ring({ fill, threshold }: { fill: number; threshold: number | null }): ReactNode {
  const middle = SIZE / 2;
  return (
    <svg width={SIZE} height={SIZE} aria-hidden className={cx("-rotate-90", toneOf(fill))}>
      <circle cx={middle} cy={middle} r={RADIUS} fill="none" strokeWidth={2} className="stroke-line-strong" />
      <circle
        cx={middle}
        cy={middle}
        r={RADIUS}
        fill="none"
        stroke="currentColor"
        strokeWidth={2.5}
        strokeDasharray={`${fill * LENGTH} ${LENGTH}`}
      />
      {threshold !== null && (
        // Where a summary is made: a notch in the ring.
        <line
          x1={middle + RADIUS - 2.2}
          x2={middle + RADIUS + 1.6}
          y1={middle}
          y2={middle}
          strokeWidth={1.5}
          className="stroke-ink"
          transform={`rotate(${threshold * 360} ${middle} ${middle})`}
        />
      )}
    </svg>
  );
}
