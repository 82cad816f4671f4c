import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import type { Timeline } from "../../../src/contract/timeline.ts";
import { Tooltip } from "../ui/tooltip.tsx";
import { cx } from "../ui/cx.ts";
import { contextFill, statusWords, type Tide } from "./status-words.ts";
import { Tideline } from "./tideline.tsx";
import { count, money } from "./words.ts";

interface DockProps {
  timeline: Timeline;
  startedAt: number | null;
  children: ReactNode;
}

/** The foot of a chat: the tideline, the turn in words, the queue, and the composer. */
export function Dock({ timeline, startedAt, children }: DockProps): ReactNode {
  const now = useSeconds(timeline.status === "running");
  const { tide, words } = statusWords(timeline, startedAt, now);
  return (
    <div className="relative shrink-0 bg-surface pb-[max(0.75rem,env(safe-area-inset-bottom))]">
      <Tideline tide={tide} fill={contextFill(timeline)} />
      <div className="px-4 sm:px-8">
        <div className="column">
          <div className="flex min-h-7 items-end justify-between gap-4 pt-2 text-xs">
            <p data-testid="chat-status" data-status={timeline.status} className={cx("tabular truncate", toneOf[tide])}>
              {words}
            </p>
            <UsageMeter timeline={timeline} />
          </div>
          {timeline.queue.length > 0 && <Queue timeline={timeline} />}
          {children}
        </div>
      </div>
    </div>
  );
}

const toneOf: Record<Tide, string> = {
  still: "text-faint",
  moving: "text-accent",
  waiting: "text-warning",
  failed: "text-danger",
};

function UsageMeter({ timeline }: { timeline: Timeline }): ReactNode {
  const usage = timeline.usage;
  const fill = contextFill(timeline);
  if (usage === null) return null;
  const cost = money(usage.total_cost_micros);
  const unpriced =
    usage.unpriced_calls > 0 && usage.total_cost_micros !== null ? `, ${usage.unpriced_calls} unpriced` : "";
  const context = fill === null ? null : `${Math.max(fill > 0 ? 1 : 0, Math.round(fill * 100))}% of context`;
  const label = [
    fill !== null && `${count(usage.context_tokens ?? 0)} of ${count(usage.context_limit ?? 0)} tokens of context`,
    usage.compression_threshold !== null &&
      usage.compression_threshold < 100 &&
      `summarised at ${usage.compression_threshold}%`,
    `this chat: ${cost}${unpriced}`,
  ].filter((line) => line !== false);
  return (
    <Tooltip
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
      <button type="button" className="tabular -my-1 -mr-1 min-h-6 shrink-0 rounded-md px-1 text-faint hover:text-ink">
        {[context, cost].filter((part) => part !== null).join(" · ")}
        <span className="sr-only">: {label.join(", ")}</span>
      </button>
    </Tooltip>
  );
}

function Queue({ timeline }: { timeline: Timeline }): ReactNode {
  return (
    <ol aria-label="Sent next, in this order" className="mt-1 mb-1 flex flex-col gap-1">
      {timeline.queue.map((message) => (
        <li key={message.id} className="flex items-baseline gap-2 rounded-md bg-raised px-3 py-1 text-sm">
          <span className="shrink-0 text-xs text-faint">Next</span>
          <span className="min-w-0 truncate">
            {message.content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join(" ")}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Epoch milliseconds, moved on every second while something counts. */
function useSeconds(ticking: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    setNow(Date.now());
    if (!ticking) return;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [ticking]);
  return now;
}
