import { json, type Json } from "../../contract/common.ts";
import type { MessagePart } from "../../contract/chats.ts";
import type { PartDelta } from "../../contract/stream.ts";
import type { TokenUsage } from "../../contract/models.ts";
import type { ModelEvent } from "./ports.ts";

/**
 * An answer while it is written: takes the model's events, says what viewers should see of each, and
 * in the end gives the message's parts. Pure.
 */
export interface Answer {
  apply(event: ModelEvent): Delta[];
  /** What is there so far. Calls whose arguments are not complete are left out. */
  parts(): MessagePart[];
  calls(): AnswerCall[];
  readonly usage: TokenUsage | null;
  /** Characters that the model wrote, for an estimate when it reported no usage. */
  readonly length: number;
}

export interface Delta {
  index: number;
  type: PartDelta["type"];
  text: string;
  toolCallId?: string;
  toolName?: string;
}

export interface AnswerCall {
  /** Place among the calls of the answer, from 0. */
  position: number;
  toolCallId: string;
  toolName: string;
  args: Json;
  /** Why the call cannot be made, when its arguments are not JSON. */
  problem: string | null;
}

interface TextDraft {
  type: "text" | "reasoning";
  text: string;
  /** A first half of a surrogate pair that waits for its second. */
  held: string;
  metadata?: Json;
}
interface CallDraft {
  type: "tool-call";
  key: string;
  position: number;
  toolCallId: string;
  toolName: string;
  argsText: string;
  complete: boolean;
  metadata?: Json;
}
interface SourceDraft {
  type: "source";
  sourceId: string;
  url: string;
  title: string;
}
type Draft = TextDraft | CallDraft | SourceDraft;

export function createAnswer(messageId: number): Answer {
  const drafts: Draft[] = [];
  let calls = 0;
  let length = 0;
  let usage: TokenUsage | null = null;

  function text(type: "text" | "reasoning", delta: string): Delta[] {
    let draft = drafts.at(-1);
    if (draft?.type !== type) {
      draft = { type, text: "", held: "" };
      drafts.push(draft);
    }
    const whole = draft.held + delta;
    const ends = endsInHighSurrogate(whole);
    draft.held = ends ? whole.slice(-1) : "";
    const clean = (ends ? whole.slice(0, -1) : whole).toWellFormed();
    if (clean === "") return [];
    draft.text += clean;
    length += clean.length;
    return [{ index: drafts.indexOf(draft), type, text: clean }];
  }

  function startCall(key: string, toolName: string): CallDraft {
    const draft: CallDraft = {
      type: "tool-call",
      key,
      position: calls,
      toolCallId: `call_${messageId}_${calls}`,
      toolName,
      argsText: "",
      complete: false,
    };
    calls += 1;
    drafts.push(draft);
    return draft;
  }

  function openCall(key: string): CallDraft | undefined {
    return drafts.findLast(
      (draft): draft is CallDraft => draft.type === "tool-call" && draft.key === key && !draft.complete,
    );
  }

  function callDelta(draft: CallDraft, argsDelta: string): Delta {
    draft.argsText += argsDelta;
    length += argsDelta.length;
    return {
      index: drafts.indexOf(draft),
      type: "tool-call",
      text: argsDelta.toWellFormed(),
      toolCallId: draft.toolCallId,
      toolName: draft.toolName,
    };
  }

  function apply(event: ModelEvent): Delta[] {
    switch (event.type) {
      case "text-delta":
        return text("text", event.text);
      case "reasoning-delta":
        return text("reasoning", event.text);
      case "reasoning-end": {
        const draft = drafts.findLast((part): part is TextDraft => part.type === "reasoning");
        if (draft !== undefined && event.providerMetadata !== undefined) draft.metadata = event.providerMetadata;
        return [];
      }
      case "tool-call-start":
        return [callDelta(startCall(event.key, event.toolName), "")];
      case "tool-call-delta": {
        const draft = openCall(event.key);
        return draft === undefined ? [] : [callDelta(draft, event.argsDelta)];
      }
      case "tool-call": {
        const draft = openCall(event.key) ?? startCall(event.key, event.toolName);
        const missing = draft.argsText === "" ? event.argsText : "";
        const deltas = [callDelta(draft, missing)];
        draft.argsText = event.argsText;
        draft.toolName = event.toolName;
        draft.complete = true;
        if (event.providerMetadata !== undefined) draft.metadata = event.providerMetadata;
        return deltas;
      }
      case "source":
        drafts.push({ type: "source", sourceId: event.sourceId, url: event.url, title: event.title });
        return [];
      case "finish":
        usage = event.usage;
        return [];
    }
  }

  function parts(): MessagePart[] {
    return drafts.flatMap((draft): MessagePart[] => {
      if (draft.type === "source") {
        return [{ type: "source", source_id: draft.sourceId, url: draft.url, title: draft.title }];
      }
      if (draft.type === "tool-call") {
        if (!draft.complete) return [];
        const { args } = readArgs(draft.argsText);
        const part = { type: draft.type, tool_call_id: draft.toolCallId, tool_name: draft.toolName, args };
        return [draft.metadata === undefined ? part : { ...part, provider_metadata: draft.metadata }];
      }
      const whole = draft.text + (draft.held === "" ? "" : "\uFFFD");
      if (draft.type === "text") return whole.trim() === "" ? [] : [{ type: "text", text: whole }];
      if (whole.trim() === "" && draft.metadata === undefined) return [];
      return [
        draft.metadata === undefined
          ? { type: "reasoning", text: whole }
          : { type: "reasoning", text: whole, provider_metadata: draft.metadata },
      ];
    });
  }

  return {
    apply,
    parts,
    calls: () =>
      drafts
        .filter((draft) => draft.type === "tool-call")
        .filter((draft) => draft.complete)
        .map((draft) => ({
          position: draft.position,
          toolCallId: draft.toolCallId,
          toolName: draft.toolName,
          ...readArgs(draft.argsText),
        })),
    get usage() {
      return usage;
    },
    get length() {
      return length;
    },
  };
}

function readArgs(text: string): { args: Json; problem: string | null } {
  if (text.trim() === "") return { args: {}, problem: null };
  try {
    const parsed = json.parse(JSON.parse(text.toWellFormed()));
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return { args: parsed, problem: null };
    return { args: {}, problem: "The arguments must be a JSON object." };
  } catch {
    return { args: {}, problem: "The arguments are not valid JSON." };
  }
}

function endsInHighSurrogate(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
}
