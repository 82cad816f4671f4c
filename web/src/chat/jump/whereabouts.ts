import type { Timeline } from "../../../../src/contract/timeline.ts";
import type { Row } from "../rows.ts";

/** Where a message is, as far as this page knows: `further-back` is on a page that is not loaded yet. */
export type Whereabouts = "unknown" | "loaded" | "further-back" | "gone";

export function whereabouts(timeline: Timeline, messageId: number): Whereabouts {
  if (!timeline.ready) return "unknown";
  if (timeline.deleted.has(messageId)) return "gone";
  if (timeline.previews.has(messageId)) return "loaded";
  if (timeline.messages.some((message) => message.id === messageId)) return "loaded";
  const oldest = timeline.messages.at(0);
  return timeline.hasMore && oldest !== undefined && messageId < oldest.id ? "further-back" : "gone";
}

/**
 * The row that shows a message: where its words are, if it has any, since they are what was looked for.
 * A message without a row of its own, such as a tool's result, is in the row before it.
 */
export function rowOf(rows: readonly Row[], messageId: number): number {
  const words = rows.findIndex((row) => (row.kind === "prose" || row.kind === "person") && idOf(row) === messageId);
  if (words !== -1) return words;
  return rows.findLastIndex((row) => (idOf(row) ?? Infinity) <= messageId);
}

function idOf(row: Row): number | null {
  switch (row.kind) {
    case "person":
      return row.message.id;
    case "prose":
    case "run":
      return row.messageId;
    case "summary":
      return row.tool.messageId;
    case "sources":
    case "ending":
      return null;
  }
}
