import type { Timeline } from "../../../src/contract/timeline.ts";
import { isActive, timelineRows } from "./rows.ts";
import { explainError, retryWords } from "./status-words.ts";
import { sayTool } from "./tools/tool-summary.ts";

/** What a screen reader reads aloud of one answer; the rest is on the page. */
const LONGEST_SPOKEN = 600;

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
      if (row.kind === "summary" && results.has(row.tool.id)) news.push("What was said so far was summarised");
      if (row.kind !== "run") continue;
      for (const item of row.items) if (item.kind === "tool" && results.has(item.id)) news.push(sayTool(item));
    }
  }
  if (next.retry !== null && next.retry.attempt !== previous.retry?.attempt) {
    news.push(`${retryWords(next.retry, Date.parse(next.retry.retrying_at)).reason}. It is tried again`);
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
