import type { ChatUsage, CostSummary, LedgerKind } from "../../../../src/contract/usage.ts";
import { counted } from "../../shell/names.ts";
import { formatMicros } from "../../ui/money.ts";
import { costWords } from "../../usage/cost-amount.tsx";

/** What a row of the ledger is called. */
export const kindWords: Record<LedgerKind, string> = {
  message: "Message",
  title: "Title of the chat",
  compaction: "Summary of older messages",
  summary: "Summary",
  failed_attempt: "Attempt that failed",
};

/** A chat in figures; one that may not be read, or is gone, has no title. */
export function chatName({ chat_title: title }: Pick<ChatUsage, "chat_title">, isOwn: boolean): string {
  if (title !== "") return title;
  return isOwn ? "A chat that is gone" : "A chat that you can’t open";
}

/** The page in one sentence. `who` begins it, `when` ends it. */
export function usageSentence(summary: CostSummary, who: string, when: string): string {
  const { total_cost_micros: micros, unpriced_call_count: unpriced } = summary;
  // What is missing weighs more than what is estimated.
  const estimated = unpriced > 0 ? 0 : summary.estimated_cost_micros;
  const messages = `${counted(summary.message_count, "message")} of ${counted(summary.chat_count, "chat")}`;
  if (micros === 0 && unpriced > 0) return `${who} used ${messages} ${when}, at a cost that is not known.`;
  const least = unpriced > 0 ? "at least " : "";
  return `${who} spent ${least}${costWords({ micros, unpriced: 0, estimated })} ${when}, in ${messages}.`;
}

/** What of the cost went to calls that are no messages. */
export function otherCallsWords(summary: CostSummary): string {
  const { other_call_count: count, other_call_cost_micros: micros } = summary;
  const were =
    count === 1 ? "1 call was no message but a title" : `${counted(count, "call")} were no messages but titles`;
  const what = count === 1 ? "a summary or an attempt that failed" : "summaries of long chats or attempts that failed";
  const unpriced = summary.unpriced_call_count - summary.unpriced_message_count;
  const cost =
    micros === 0 && unpriced > 0 ? "could not be priced" : `cost ${formatMicros(micros)}, which is part of the figures`;
  return `${were}, ${what}: ${count === 1 ? "it" : "they"} ${cost}.`;
}

/** "12 s", "18 min", "3.2 h": for columns, where digits beyond it would only be noise. */
export function shortTime(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  if (seconds < 1) return "<1 s";
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = seconds / 3_600;
  return hours < 10 ? `${hours.toFixed(1)} h` : `${new Intl.NumberFormat("en").format(Math.round(hours))} h`;
}
