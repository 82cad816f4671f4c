import type {
  ChatMessage,
  ChatStatus,
  MessagePart,
  ToolCallPart,
  ToolResultPart,
} from "../../../src/contract/chats.ts";
import type { Preview, PreviewPart, Timeline } from "../../../src/contract/timeline.ts";
import { resultState, wasInterrupted } from "./tool-outcome.ts";

/**
 * The conversation as a list of rows: what the timeline knows, arranged as a person reads it.
 *
 * Tool calls meet their results and their live output here, by call id, whether they stand in a
 * message or in the preview of one. Steps without prose between them form one run, so that it can
 * fold. The number of rows of a turn stays the same when it ends: only their content changes, so
 * that nothing jumps under the reader. For the same reason a run keeps its key when a page of older
 * messages brings its beginning: it is named after what was there before the cut between the pages.
 */

export type ToolState = "writing" | "running" | "done" | "error" | "unanswered";

export interface ToolCall {
  readonly kind: "tool";
  readonly id: string;
  readonly name: string;
  /** The assistant message that made the call: its step. */
  readonly messageId: number;
  readonly state: ToolState;
  readonly call: ToolCallPart | null;
  /** The arguments while they are being written. */
  readonly draft: PreviewPart | null;
  readonly result: ToolResultPart | null;
  readonly live: PreviewPart | null;
  readonly calledAt: string | null;
  readonly answeredAt: string | null;
}

export interface Reasoning {
  readonly kind: "reasoning";
  readonly key: string;
  readonly messageId: number;
  readonly text: string;
  readonly streaming: boolean;
}

export type RunItem = ToolCall | Reasoning;

/** What one model call was and cost; null while it is still being written. */
export type Step = ChatMessage;

export type Row =
  | { readonly kind: "person"; readonly key: string; readonly message: ChatMessage }
  | {
      readonly kind: "prose";
      readonly key: string;
      readonly messageId: number;
      /** The first row of its message carries the message's own label. */
      readonly first: boolean;
      readonly text: string;
      readonly streaming: boolean;
      readonly step: Step | null;
    }
  | {
      readonly kind: "run";
      readonly key: string;
      readonly messageId: number;
      readonly first: boolean;
      readonly items: readonly RunItem[];
      readonly steps: readonly Step[];
      /** Its turn has ended, so it may fold. */
      readonly over: boolean;
      /** The turn goes on and nothing has come after it. */
      readonly latest: boolean;
    }
  /** The context was summarised here. */
  | { readonly kind: "summary"; readonly key: string; readonly tool: ToolCall }
  | {
      readonly kind: "sources";
      readonly key: string;
      readonly sources: readonly { readonly url: string; readonly title: string }[];
    }
  | {
      readonly kind: "ending";
      readonly key: string;
      readonly steps: readonly Step[];
      readonly text: string;
      readonly newest: boolean;
      /** It ended before the model was done: a person stopped it, or it broke off. */
      readonly stopped: boolean;
    };

const activeStatuses: ReadonlySet<ChatStatus> = new Set(["pending", "running", "interrupting", "requires_action"]);
/** Whether a turn is under way. */
export function isActive(status: ChatStatus): boolean {
  return activeStatuses.has(status);
}

/** Tools whose cards stay in sight when a run folds: what they did is what a person came to see. */
const standOutTools: ReadonlySet<string> = new Set(["edit_files", "write_file"]);

/** A compaction tells of itself as a call of this tool, which no model made. */
const SUMMARY_TOOL = "chat_summarized";

export function timelineRows(timeline: Timeline, cuts: readonly number[] = []): Row[] {
  const answers = collectAnswers(timeline);
  const live = collectLiveOutput(timeline.previews);
  const rows: Row[] = [];
  let turn: Turn | null = null;

  const closeTurn = (over: boolean, newest: boolean) => {
    if (turn !== null) rows.push(...turn.finish(over, newest));
    turn = null;
  };

  let page = 0;
  const entries = openEntries(timeline);
  for (const entry of entries) {
    while ((cuts[page] ?? Infinity) <= entry.id) page += 1;
    if (entry.role === "user") {
      if (entry.message === null) continue;
      closeTurn(true, false);
      rows.push({ kind: "person", key: `m${entry.id}`, message: entry.message });
    } else if (entry.role === "assistant") {
      turn ??= startTurn(answers, live, isActive(timeline.status), timeline.status === "error");
      turn.add(entry, page);
    }
  }
  closeTurn(!isActive(timeline.status), true);
  // Stopped before the first word: without a sign it would look as if nobody had ever been asked.
  const last = rows.at(-1);
  if (last?.kind === "person" && timeline.status === "waiting") {
    rows.push({ kind: "ending", key: `end:${last.key}`, steps: [], text: "", newest: true, stopped: true });
  }
  return rows;
}

interface Entry {
  readonly id: number;
  readonly role: ChatMessage["role"];
  readonly message: ChatMessage | null;
  readonly preview: Preview | null;
}

/** Messages and previews as one list, ascending by id. */
function openEntries(timeline: Timeline): Entry[] {
  const entries: Entry[] = timeline.messages.map((message) => ({
    id: message.id,
    role: message.role,
    message,
    preview: null,
  }));
  for (const preview of timeline.previews.values()) {
    entries.push({ id: preview.messageId, role: preview.role, message: null, preview });
  }
  if (timeline.previews.size > 0) entries.sort((a, b) => a.id - b.id);
  return entries;
}

interface Answer {
  readonly part: ToolResultPart;
  readonly at: string;
}

function collectAnswers(timeline: Timeline): ReadonlyMap<string, Answer> {
  const answers = new Map<string, Answer>();
  for (const message of timeline.messages) {
    if (message.role !== "tool") continue;
    for (const part of message.content) {
      if (part.type === "tool-result") answers.set(part.tool_call_id, { part, at: message.created_at });
    }
  }
  return answers;
}

function collectLiveOutput(previews: ReadonlyMap<number, Preview>): ReadonlyMap<string, PreviewPart> {
  const live = new Map<string, PreviewPart>();
  for (const preview of previews.values()) {
    for (const part of preview.parts) {
      if (part?.type === "tool-result" && part.toolCallId !== undefined) live.set(part.toolCallId, part);
    }
  }
  return live;
}

interface Turn {
  /** `page` is the number of cuts before the entry. */
  add(entry: Entry, page: number): void;
  finish(over: boolean, newest: boolean): Row[];
}

type Prose = Extract<Row, { kind: "prose" }>;
type OpenRun = { messageId: number; first: boolean; items: RunItem[]; pages: number[]; steps: Step[] };

function startTurn(
  answers: ReadonlyMap<string, Answer>,
  live: ReadonlyMap<string, PreviewPart>,
  chatActive: boolean,
  failed: boolean,
): Turn {
  const pieces: (Prose | OpenRun | Extract<Row, { kind: "sources" | "summary" }>)[] = [];
  const steps: Step[] = [];
  const texts: string[] = [];
  let page = 0;

  function addToRun(entry: Entry, item: RunItem, first: boolean): void {
    const last = pieces.at(-1);
    const run: OpenRun =
      last !== undefined && "items" in last ? last : { messageId: entry.id, first, items: [], pages: [], steps: [] };
    if (run !== last) pieces.push(run);
    if (entry.message !== null && run.steps.at(-1) !== entry.message) run.steps.push(entry.message);
    run.items.push(item);
    run.pages.push(page);
  }

  function addMessagePart(entry: Entry, part: MessagePart, index: number, first: boolean): boolean {
    const key = `m${entry.id}.${index}`;
    switch (part.type) {
      case "text":
        if (part.text.trim() === "") return false;
        texts.push(part.text);
        pieces.push({
          kind: "prose",
          key,
          messageId: entry.id,
          first,
          text: part.text,
          streaming: false,
          step: entry.message,
        });
        return true;
      case "reasoning":
        if (part.text.trim() === "") return false;
        addToRun(entry, { kind: "reasoning", key, messageId: entry.id, text: part.text, streaming: false }, first);
        return true;
      case "tool-call": {
        const answer = answers.get(part.tool_call_id) ?? null;
        addTool(entry, key, first, {
          kind: "tool",
          id: part.tool_call_id,
          name: part.tool_name,
          messageId: entry.id,
          state: answer === null ? (chatActive ? "running" : "unanswered") : resultState(answer.part),
          call: part,
          draft: null,
          result: answer?.part ?? null,
          live: answer === null ? (live.get(part.tool_call_id) ?? null) : null,
          calledAt: entry.message?.created_at ?? null,
          answeredAt: answer?.at ?? null,
        });
        return true;
      }
      case "source": {
        const last = pieces.at(-1);
        const source = { url: part.url, title: part.title };
        if (last !== undefined && "sources" in last)
          pieces[pieces.length - 1] = { ...last, sources: [...last.sources, source] };
        else pieces.push({ kind: "sources", key, sources: [source] });
        return false;
      }
      case "tool-result":
      case "file":
      case "file-reference":
        return false;
    }
  }

  function addTool(entry: Entry, key: string, first: boolean, tool: ToolCall): void {
    if (tool.name === SUMMARY_TOOL) {
      pieces.push({ kind: "summary", key, tool });
      return;
    }
    addToRun(entry, tool, first);
  }

  function addPreviewPart(entry: Entry, part: PreviewPart, index: number, last: boolean, first: boolean): boolean {
    const key = `m${entry.id}.${index}`;
    switch (part.type) {
      case "text":
        if (part.text.trim() === "") return false;
        pieces.push({
          kind: "prose",
          key,
          messageId: entry.id,
          first,
          text: part.text,
          streaming: last,
          step: null,
        });
        return true;
      case "reasoning":
        if (part.text.trim() === "") return false;
        addToRun(entry, { kind: "reasoning", key, messageId: entry.id, text: part.text, streaming: last }, first);
        return true;
      case "tool-call":
        addTool(entry, key, first, {
          kind: "tool",
          id: part.toolCallId ?? key,
          name: part.toolName ?? "",
          messageId: entry.id,
          state: chatActive ? "writing" : "unanswered",
          call: null,
          draft: part,
          result: null,
          live: null,
          calledAt: null,
          answeredAt: null,
        });
        return true;
      case "tool-result":
        return false;
    }
  }

  return {
    add(entry, itsPage) {
      page = itsPage;
      let first = true;
      if (entry.message !== null) {
        if (!isSummary(entry.message)) steps.push(entry.message);
        entry.message.content.forEach((part, index) => {
          if (addMessagePart(entry, part, index, first)) first = false;
        });
      }
      const parts = entry.preview?.parts ?? [];
      parts.forEach((part, index) => {
        if (part !== undefined && addPreviewPart(entry, part, index, index === parts.length - 1, first)) first = false;
      });
    },
    finish(over, newest) {
      const rows: Row[] = [];
      for (const piece of pieces) {
        if (!("items" in piece)) rows.push(piece);
        else rows.push(...splitRun(piece, over, !over && newest && piece === pieces.at(-1)));
      }
      if (over && (rows.length > 0 || steps.length > 0)) {
        // Of its last step: the first ones of a long turn may be on a page that comes later.
        const key = `end${steps.at(-1)?.id ?? rows.at(-1)?.key ?? ""}`;
        const items = pieces.flatMap((piece) => ("items" in piece ? piece.items : []));
        // A turn that failed says so itself.
        const stopped = !(newest && failed) && brokeOff(items, steps);
        // A summary that a person asked for is no turn that would have ended.
        const onlySummary = steps.length === 0 && rows.every((row) => row.kind === "summary");
        if (!onlySummary) rows.push({ kind: "ending", key, steps, text: texts.join("\n\n"), newest, stopped });
      }
      return rows;
    },
  };
}

function isSummary(message: ChatMessage): boolean {
  return message.content.some((part) => part.type === "tool-call" && part.tool_name === SUMMARY_TOOL);
}

/** Whether the last step was cut off: its call was never counted by the provider, or a tool of it was stopped. */
function brokeOff(items: readonly RunItem[], steps: readonly Step[]): boolean {
  const last = steps.at(-1);
  if (last === undefined) return false;
  if (last.estimated) return true;
  return items.some(
    (item) =>
      item.kind === "tool" &&
      item.messageId === last.id &&
      (item.state === "unanswered" || wasInterrupted(item.result)),
  );
}

/** Cards that stand out get a row of their own, so that the rest of the run can fold around them. */
function splitRun(run: OpenRun, over: boolean, latest: boolean): Row[] {
  const rows: Extract<Row, { kind: "run" }>[] = [];
  let items: RunItem[] = [];
  let pages: number[] = [];
  const flush = () => {
    const head = items.at(0);
    const named = items[pages.indexOf(pages.at(-1) ?? 0)];
    if (head === undefined || named === undefined) return;
    const ids = new Set(items.map((item) => item.messageId));
    rows.push({
      kind: "run",
      key: `run:${named.kind === "tool" ? named.id : named.key}`,
      messageId: head.messageId,
      first: rows.length === 0 && run.first,
      items,
      steps: run.steps.filter((step) => ids.has(step.id)),
      over,
      latest: false,
    });
    items = [];
    pages = [];
  };
  run.items.forEach((item, index) => {
    const standsOut = item.kind === "tool" && standOutTools.has(item.name);
    if (standsOut) flush();
    items.push(item);
    pages.push(run.pages[index] ?? 0);
    if (standsOut) flush();
  });
  flush();
  return latest ? rows.map((row, index) => ({ ...row, latest: index === rows.length - 1 })) : rows;
}

/** How long a run took: its steps' own time, or what the clock says where a step has not settled. */
export function runMilliseconds(steps: readonly Step[]): number | null {
  let sum = 0;
  for (const step of steps) {
    if (step.runtime_ms === null) return null;
    sum += step.runtime_ms;
  }
  return steps.length === 0 ? null : sum;
}
