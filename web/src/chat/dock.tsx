import type { ReactNode } from "react";
import type { Timeline } from "../../../src/contract/timeline.ts";
import { cx } from "../ui/cx.ts";
import { ContextMeter } from "./context-meter.tsx";
import { contextFill, statusWords, type Tide } from "./status-words.ts";
import { Tideline } from "./tideline.tsx";
import { useSeconds } from "./use-seconds.ts";

interface DockProps {
  timeline: Timeline;
  startedAt: number | null;
  /** A person asked for a summary, and it is being made. */
  summarising: boolean;
  /** The queue and the composer. */
  children: ReactNode;
}

/** The foot of a chat: the tideline, the turn in words, the queue, and the composer. */
export function Dock({ timeline, startedAt, summarising, children }: DockProps): ReactNode {
  const now = useSeconds(timeline.status === "running");
  const { tide, words } = statusWords(timeline, startedAt, now);
  return (
    <div className="relative shrink-0 bg-surface pb-[max(0.75rem,env(safe-area-inset-bottom))]">
      <Tideline tide={tide} fill={contextFill(timeline)} />
      <div className="px-4 sm:px-8">
        <div className="column">
          <div className="flex min-h-7 items-end justify-between gap-4 pt-2 text-xs">
            <p data-testid="chat-status" data-status={timeline.status} className={cx("tabular truncate", toneOf[tide])}>
              {summarising ? words.replace("Working", "Summarising") : words}
            </p>
            <ContextMeter timeline={timeline} />
          </div>
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
