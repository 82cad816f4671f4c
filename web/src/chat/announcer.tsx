import type { ReactNode } from "react";
import { useEffect, useRef, useState } from "react";
import type { Timeline } from "../../../src/contract/timeline.ts";
import { isActive, timelineRows } from "./rows.ts";
import { explainError } from "./status-words.ts";
import { sayTool } from "./tools/tool-summary.ts";

/** Several things that happen close together are said in one go. */
const BATCH_MS = 1_200;
const LONGEST_SPOKEN = 600;
const KEPT = 20;

/** What is new in `next`, in sentences: finished answers and tool calls and the state of the turn, never single tokens. */
export function newsBetween(previous: Timeline, next: Timeline): string[] {
  const news: string[] = [];
  const spoken = new Set(previous.messages.map((message) => message.id));
  const fresh = next.messages.filter((message) => !spoken.has(message.id));
  if (fresh.length > 0) {
    const newIds = new Set(fresh.map((message) => message.id));
    const results = new Set(
      fresh.flatMap((message) =>
        message.content.flatMap((part) => (part.type === "tool-result" ? [part.tool_call_id] : [])),
      ),
    );
    for (const row of timelineRows(next)) {
      if (row.kind === "prose" && newIds.has(row.messageId)) news.push(shortened(row.text));
      if (row.kind !== "run") continue;
      for (const item of row.items) if (item.kind === "tool" && results.has(item.id)) news.push(sayTool(item));
    }
  }
  if (previous.status !== next.status) {
    if (next.status === "error") news.push(explainError(next.lastErrorDetail, next.lastError).title);
    else if (next.status === "interrupting") news.push("Stopping");
    else if (!isActive(previous.status) && isActive(next.status)) news.push("The agent is working");
    else if (isActive(previous.status) && !isActive(next.status)) news.push("The agent is done");
  }
  return news;
}

function shortened(text: string): string {
  const plain = text.replaceAll(/```[\s\S]*?(```|$)/g, " (code) ").replaceAll(/[*_`#>]/g, "");
  const line = plain.replaceAll(/\s+/g, " ").trim();
  return line.length > LONGEST_SPOKEN ? `${line.slice(0, LONGEST_SPOKEN)}…` : line;
}

/** A log for screen readers that tells the turn in batches. */
export function Announcer({ timeline }: { timeline: Timeline }): ReactNode {
  const [lines, setLines] = useState<readonly { id: number; text: string }[]>([]);
  const said = useRef<Timeline | null>(null);
  const newest = useRef(timeline);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const counter = useRef(0);
  newest.current = timeline;

  useEffect(() => {
    if (!timeline.ready) return;
    // What was there when the page opened is read by whoever wants to, not announced.
    said.current ??= timeline;
    if (timer.current !== null || said.current === timeline) return;
    timer.current = setTimeout(() => {
      timer.current = null;
      const news = newsBetween(said.current ?? newest.current, newest.current);
      said.current = newest.current;
      if (news.length === 0) return;
      setLines((before) =>
        [
          ...before,
          ...news.map((text) => {
            counter.current += 1;
            return { id: counter.current, text };
          }),
        ].slice(-KEPT),
      );
    }, BATCH_MS);
  }, [timeline]);

  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    },
    [],
  );

  return (
    <div role="log" aria-live="polite" aria-label="What happens in this chat" className="sr-only">
      {lines.map((line) => (
        <p key={line.id}>{line.text}</p>
      ))}
    </div>
  );
}
