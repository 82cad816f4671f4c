import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMemo, useRef } from "react";
import { MessageActsContext, readOnly } from "../message-acts.ts";
import { RowView } from "../row-view.tsx";
import { isActive, timelineRows } from "../rows.ts";
import { useStickToBottom } from "../stick-to-bottom.ts";
import { useFolds } from "../timeline-view.tsx";
import { useChatStream } from "../use-chat-stream.ts";
import { AgentViewContext } from "./agent-view.ts";

/** So much of a sub-agent's conversation is drawn in its card; the rest is on its own page. */
const ROWS = 30;

/** The sub-agent's own stream, in small. */
export function AgentStream({ chatId }: { chatId: string }): ReactNode {
  const { timeline, denied } = useChatStream(chatId);
  const rows = useMemo(() => timelineRows(timeline), [timeline]);
  const folds = useFolds();
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  useStickToBottom(scroller, content);
  const shown = rows.slice(-ROWS);
  const left = rows.length > shown.length || timeline.hasMore;
  return (
    <div className="conversation overflow-hidden rounded-md border border-line bg-page" data-testid="agent-stream">
      <div
        ref={scroller}
        role="group"
        aria-label="The sub-agent's conversation"
        tabIndex={0}
        className="max-h-96 overflow-y-auto overscroll-contain focus-visible:outline-offset-[-2px]"
      >
        <div ref={content} className="px-4 pb-1 text-base">
          {denied !== null && <p className="py-3 text-sm text-muted">This sub-agent can't be shown any more.</p>}
          {denied === null && shown.length === 0 && (
            <p className="py-3 text-sm text-faint">
              {isActive(timeline.status) ? "Starting…" : "Nothing was said yet."}
            </p>
          )}
          {left && (
            <p className="pt-3 text-sm">
              <Link to="/chats/$chatId" params={{ chatId }} className="text-accent underline underline-offset-3">
                See what came before
              </Link>
            </p>
          )}
          <AgentViewContext value={null}>
            <MessageActsContext value={readOnly}>
              {shown.map((row) => (
                <RowView key={row.key} row={row} folds={folds} />
              ))}
            </MessageActsContext>
          </AgentViewContext>
        </div>
      </div>
    </div>
  );
}
