import { ArrowDown } from "lucide-react";
import type { ReactNode, RefObject } from "react";
import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import type { Timeline } from "../../../src/contract/timeline.ts";
import { Button } from "../ui/button.tsx";
import { cx } from "../ui/cx.ts";
import { Skeleton } from "../ui/states.tsx";
import { type JumpTarget, useJump } from "./jump/use-jump.ts";
import { placeMark, useKeptPlace } from "./keep-place.ts";
import { useMessageActs } from "./message-acts.ts";
import { type Folds, RowView } from "./row-view.tsx";
import { type Row, timelineRows } from "./rows.ts";
import { useStickToBottom } from "./stick-to-bottom.ts";
import type { OlderPages } from "./use-older-pages.ts";

interface TimelineViewProps {
  timeline: Timeline;
  /** Where its pages begin. */
  cuts: readonly number[];
  /** Messages on their way, an error: what stands after the last row. */
  tail: ReactNode;
  older: OlderPages;
  /** Rises with every message that this person sends: the view goes to the end then. */
  sent: number;
  /** A message to lead to. */
  target: JumpTarget | null;
}

export const TimelineView = memo(function TimelineView({
  timeline,
  cuts,
  tail,
  older,
  sent,
  target,
}: TimelineViewProps): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const top = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const { stuck, toBottom, letGo } = useStickToBottom(scroller, content);
  const rows = useMemo(() => timelineRows(timeline, cuts), [timeline, cuts]);
  const folds = useFolds();
  const shift = useGrewAtTop(timeline);
  const place = useKeptPlace(scroller, shift, stuck);
  const replacedFrom = useReplacedFrom(rows);
  const leave = useCallback(() => {
    letGo();
    place.letGo();
  }, [letGo, place]);
  const jump = useJump(target, { timeline, rows, rowsAbove: cuts.length, older, scroller, list, letGo: leave });
  // Not while a message is looked for: its row would move on while it is gone to.
  const mayLoad = timeline.hasMore && older.state === "idle" && target === null;
  useWhenSeen(top, scroller, mayLoad ? older.load : null);

  useEffect(() => {
    if (sent > 0) toBottom();
  }, [sent, toBottom]);

  return (
    <div className="conversation relative min-h-0 flex-1">
      <div
        ref={scroller}
        data-testid="chat-timeline"
        role="region"
        aria-label="Conversation"
        tabIndex={0}
        className="h-full overflow-y-auto overscroll-contain [overflow-anchor:none] focus-visible:outline-offset-[-2px]"
      >
        <div ref={content} className="relative px-4 pb-6 sm:px-8">
          {/* Its room stays when nothing more comes, or all below it would move up. */}
          <div ref={top} className="column flex h-8 items-center justify-center">
            {timeline.hasMore &&
              (older.state === "failed" ? (
                <Button size="sm" onClick={() => older.load()}>
                  Could not load earlier messages. Try again
                </Button>
              ) : (
                <div className="w-full" aria-busy>
                  <Skeleton className="h-4 w-3/5" />
                </div>
              ))}
          </div>
          <Virtualizer
            ref={list}
            scrollRef={scroller}
            shift={shift}
            bufferSize={800}
            onResize={place.measured}
            onScrollEnd={place.rested}
          >
            {/*
              An empty row for each page that came in. With `shift`, what is measured anew keeps its distance from
              the end, and `shift` is heard only when there are more rows: a page may bring nothing but the
              beginning of the run of steps that is the first row. With no height at all, a view at the very top
              would be put back to 0 when the row is measured.
            */}
            {cuts.map((id) => (
              <div key={`cut${id}`} className="h-px" />
            ))}
            {rows.map((row, index) => (
              <div
                key={row.key}
                {...placeMark}
                {...(row.key === jump.foundKey && {
                  ref: jump.foundRow,
                  tabIndex: -1,
                  role: "group",
                  "aria-label": "The message you looked for",
                  "data-testid": "found-message",
                  "data-marked": row.key === jump.markedKey ? row.kind : undefined,
                })}
                className={cx(
                  "column outline-none",
                  // A bar in the margin: fainter text would be harder to read, and some may want to keep it.
                  index >= replacedFrom &&
                    "relative before:absolute before:inset-y-0 before:-left-3 before:w-0.5 before:bg-edge sm:before:-left-5",
                )}
              >
                <RowView row={row} folds={folds} />
              </div>
            ))}
          </Virtualizer>
          <div className="column">{tail}</div>
        </div>
      </div>
      {jump.looking && (
        <p
          role="status"
          data-testid="looking-for-message"
          className="appears-late pointer-events-none absolute inset-x-0 top-3 z-10 flex justify-center"
        >
          <span className="animate-breathe rounded-full border border-line-strong bg-overlay px-3 py-1 text-sm text-muted">
            Looking for the message…
          </span>
        </p>
      )}
      {!stuck && (
        <div className="pointer-events-none absolute inset-x-0 bottom-3 flex justify-center">
          <Button
            size="sm"
            data-testid="jump-to-latest"
            onClick={toBottom}
            // It floats above the conversation: a wheel over it means the conversation.
            onWheel={(event) => scroller.current?.scrollBy({ top: event.deltaY })}
            className="animate-enter pointer-events-auto rounded-full"
          >
            <ArrowDown size={14} aria-hidden />
            Jump to latest
          </Button>
        </div>
      )}
    </div>
  );
});

/** Where the rows begin that an edit under way will replace. */
function useReplacedFrom(rows: readonly Row[]): number {
  const { editing } = useMessageActs();
  if (editing === null) return Infinity;
  const edited = rows.findIndex((row) => row.kind === "person" && row.message.id === editing);
  return edited === -1 ? Infinity : edited + 1;
}

export function useFolds(): Folds {
  const [opened, setOpened] = useState<ReadonlyMap<string, boolean>>(new Map());
  const toggle = useCallback((id: string, open: boolean) => setOpened((before) => new Map(before).set(id, open)), []);
  return useMemo(() => ({ opened, toggle }), [opened, toggle]);
}

/**
 * True in the render in which older rows came in above, so that the view keeps its place. No row comes in below in the
 * same render: the stream shows a page by itself.
 */
function useGrewAtTop(timeline: Timeline): boolean {
  const before = useRef(-Infinity);
  // By message and not by row: a turn that was cut by the end of its page has other rows when it is whole.
  const oldest = timeline.messages.at(0)?.id ?? -Infinity;
  const grew = oldest < before.current;
  useEffect(() => {
    before.current = oldest;
  });
  return grew;
}

/** Calls `act` when the element comes near the view, and again whenever `act` changes while it is there. */
function useWhenSeen(
  element: RefObject<HTMLElement | null>,
  scroller: RefObject<HTMLElement | null>,
  act: (() => void) | null,
): void {
  useEffect(() => {
    const watched = element.current;
    if (watched === null || act === null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) act();
      },
      { root: scroller.current, rootMargin: "200px 0px 0px 0px" },
    );
    observer.observe(watched);
    return () => observer.disconnect();
  }, [element, scroller, act]);
}

/** The shape of a conversation that is on its way. */
export function TimelineSkeleton(): ReactNode {
  return (
    <div className="min-h-0 flex-1 overflow-hidden px-4 pt-8 sm:px-8" aria-busy aria-label="Loading the conversation">
      <div className="appears-late column flex flex-col gap-3">
        <Skeleton className="h-11 w-full rounded-lg" />
        <Skeleton className="mt-4 h-4 w-11/12" />
        <Skeleton className="h-4 w-4/5" />
        <Skeleton className="h-4 w-2/5" />
      </div>
    </div>
  );
}
