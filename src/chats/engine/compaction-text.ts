import { z } from "zod";
import type { MessagePart } from "../../contract/chats.ts";
import type { PromptMessage } from "./ports.ts";

/** What a summary is made of. Pure. */

/** How far a compaction is. Stored in the turn: each finished chunk is paid for and must not be lost. */
export const compactionState = z.object({
  source: z.enum(["automatic", "manual"]),
  /** What follows the summary. */
  next: z.enum(["step", "end"]),
  /** What follows when none comes of it. */
  otherwise: z.enum(["step", "end", "fail"]),
  /** The newest row that the summary covers. */
  upToId: z.int(),
  /** Summary of the chunks so far; null before the first. */
  summary: z.string().nullable(),
  /** Chunks that are done. */
  done: z.int(),
  usagePercent: z.number().nullable(),
  contextTokens: z.int().nullable(),
});
export type CompactionState = z.infer<typeof compactionState>;

// Half of the window for what is read: the rest is for the instruction, the summary so far and the answer.
const CHUNK_SHARE = 0.5;
const CHARACTERS_PER_TOKEN = 4;
/** A tool's output matters less the longer it is; its head and tail tell what happened. */
const RESULT_MAX_LENGTH = 4_000;
export const SUMMARY_MAX_TOKENS = 8_000;

export const SUMMARY_PREFIX = "The conversation before this message was summarised to make room. The summary:";
const UNANSWERED_PREFIX = "Messages of the person that are not answered yet, word for word:";

const INSTRUCTION = `Summarise the transcript so that the work can go on from the summary alone. Write for the agent that continues, in the second person, under these heads:
- Task: what the person asked for, in their words where they matter, and what is settled about it.
- Done: what was changed, file by file, and how it was checked.
- State: what was being done at the very end, with exact paths, commands, names, numbers and error messages that are still needed.
- Open: what is left to do, in order, and what to watch out for.
Leave out what no longer matters. Invent nothing. Answer with the summary only.`;

/** The transcript as text, cut into pieces that each fit into one call of a model with this window. */
export function transcriptChunks(messages: readonly PromptMessage[], contextLimit: number): string[] {
  const limit = Math.max(2_000, Math.floor(contextLimit * CHUNK_SHARE * CHARACTERS_PER_TOKEN));
  const whole = messages.map(messageText).filter((text) => text !== "");
  const chunks: string[] = [];
  let chunk = "";
  for (const text of whole.flatMap((piece) => slices(piece, limit))) {
    if (chunk !== "" && chunk.length + text.length + 2 > limit) {
      chunks.push(chunk);
      chunk = "";
    }
    chunk = chunk === "" ? text : `${chunk}\n\n${text}`;
  }
  return chunk === "" ? chunks : [...chunks, chunk];
}

function slices(text: string, limit: number): string[] {
  const pieces: string[] = [];
  for (let start = 0; start < text.length; start += limit) {
    pieces.push(text.slice(start, start + limit).toWellFormed());
  }
  return pieces;
}

function messageText(message: PromptMessage): string {
  const parts = message.parts.map(partText).filter((text) => text.trim() !== "");
  return parts.length === 0 ? "" : `[${message.role}]\n${parts.join("\n")}`;
}

function partText(part: MessagePart): string {
  switch (part.type) {
    case "text":
      return part.text;
    case "tool-call":
      return `calls ${part.tool_name}: ${JSON.stringify(part.args)}`;
    case "tool-result":
      return `${part.tool_name} ${part.is_error === true ? "failed" : "answered"}: ${shortened(JSON.stringify(part.result))}`;
    case "file-reference":
      return `refers to ${part.file_name}: ${part.content ?? ""}`;
    case "file":
      return `attached ${part.file_name === undefined ? "a file" : JSON.stringify(part.file_name)} (${part.media_type})`;
    case "source":
      return `cites ${part.title} ${part.url}`;
    case "reasoning":
      return "";
  }
}

function shortened(text: string): string {
  if (text.length <= RESULT_MAX_LENGTH) return text;
  const half = RESULT_MAX_LENGTH / 2;
  return `${text.slice(0, half)} … ${text.slice(-half)}`.toWellFormed();
}

/** The prompt of one chunk's call. */
export function chunkPrompt(chunk: string, summaryBefore: string | null): PromptMessage[] {
  const before = summaryBefore === null ? "" : `<summary-so-far>\n${summaryBefore}\n</summary-so-far>\n\n`;
  return [
    { role: "system", parts: [{ type: "text", text: INSTRUCTION }] },
    { role: "user", parts: [{ type: "text", text: `${before}<transcript>\n${chunk}\n</transcript>` }] },
  ];
}

/** The row that stands for all before it: the summary, and what the person said that nobody answered yet. */
export function summaryContent(summary: string, unanswered: readonly PromptMessage[]): MessagePart[] {
  const said = unanswered.flatMap((message) => message.parts);
  return [
    { type: "text", text: `${SUMMARY_PREFIX}\n\n${summary}` },
    ...(said.length === 0 ? [] : [{ type: "text" as const, text: UNANSWERED_PREFIX }, ...said]),
  ];
}

/** The person's messages after the last answer. */
export function unansweredMessages(messages: readonly PromptMessage[]): PromptMessage[] {
  const lastAnswer = messages.findLastIndex((message) => message.role === "assistant");
  return messages.slice(lastAnswer + 1).filter((message) => message.role === "user");
}
