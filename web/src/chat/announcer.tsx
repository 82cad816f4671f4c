import type { ReactNode } from "react";
import { useEffect, useRef, useState } from "react";
import type { Timeline } from "../../../src/contract/timeline.ts";
import { newsBetween } from "./news.ts";

/** Several things that happen close together are said in one go. */
const BATCH_MS = 1_200;
const KEPT = 20;

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
