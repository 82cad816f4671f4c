import type {
  JSONObject,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4ToolResultPart,
  SharedV4ProviderOptions,
} from "@ai-sdk/provider";
import type { Json } from "../contract/common.ts";
import type { MessagePart, ToolCallPart, ToolResultPart } from "../contract/chats.ts";
import type { PromptMessage } from "../chats/engine/ports.ts";
import type { Attachments, FilePart } from "./attachments.ts";
import { toolCallIds, type IdSanitiser } from "./tool-ids.ts";

export interface PromptStyle {
  /** Under which name reasoning of this API was stored; that of others means nothing to it. */
  metadataKey: "anthropic" | "openai" | "google" | null;
  /** Whether to mark where the cacheable prefixes end. */
  marksCache: boolean;
}

type AssistantContent = Extract<LanguageModelV4Message, { role: "assistant" }>["content"];
type UserContent = Extract<LanguageModelV4Message, { role: "user" }>["content"];

const NO_RESULT = "The call was interrupted and has no result. Its outcome is unknown.";
/** What a provider is given for a result that says nothing: several refuse empty ones. */
const EMPTY_RESULT = "{}";
const NO_FILES: Attachments = new Map();
const EPHEMERAL: SharedV4ProviderOptions = { anthropic: { cacheControl: { type: "ephemeral" } } };

/**
 * Our messages as the adapters take them. Providers refuse what a real history contains: blank parts,
 * calls without results, results without calls or far from them. So results stand right after the
 * message that called, in the order of the calls; a missing one is an error that says so.
 */
export function toProviderPrompt(
  messages: readonly PromptMessage[],
  style: PromptStyle,
  files: Attachments = NO_FILES,
): LanguageModelV4Prompt {
  const ids = toolCallIds();
  const results = resultsByCall(messages);
  const prompt: LanguageModelV4Prompt = [];
  for (const message of messages) {
    if (message.role === "system") prompt.push(...systemMessages(message, prompt));
    if (message.role === "user") prompt.push(...userMessages(message, files));
    if (message.role === "assistant") prompt.push(...assistantMessages(message, results, ids, style));
    // Results of `tool` messages went to the calls that they answer.
  }
  return style.marksCache ? withCacheMarks(prompt) : prompt;
}

/** Providers take instructions at the beginning only; later ones are told as the user would. */
function systemMessages(message: PromptMessage, before: LanguageModelV4Prompt): LanguageModelV4Prompt {
  const text = plainTexts(message.parts).join("\n\n");
  if (text === "") return [];
  if (before.every(({ role }) => role === "system")) return [{ role: "system", content: text }];
  return [{ role: "user", content: [{ type: "text", text }] }];
}

function userMessages(message: PromptMessage, files: Attachments): LanguageModelV4Prompt {
  const content = message.parts.flatMap((part) => userContent(part, files));
  return content.length === 0 ? [] : [{ role: "user", content }];
}

function userContent(part: MessagePart, files: Attachments): UserContent {
  const text = part.type === "file" ? fileText(part, files) : plainText(part);
  if (text !== null) return text.trim() === "" ? [] : [{ type: "text", text }];
  const file = part.type === "file" ? files.get(part) : undefined;
  if (part.type !== "file" || file?.kind !== "image") return [];
  const { media_type: mediaType, file_name: filename } = part;
  return [
    {
      type: "file",
      mediaType,
      data: { type: "data", data: file.bytes },
      ...(filename === undefined ? {} : { filename }),
    },
  ];
}

/** A file as text; null for an image, whose bytes go along. */
function fileText(part: FilePart, files: Attachments): string | null {
  const file = files.get(part);
  const named = part.file_name === undefined ? "A file" : `The file ${JSON.stringify(part.file_name)}`;
  if (file === undefined) {
    return `[${named} of type ${part.media_type} was attached here. It is left out: the files together are too large.]`;
  }
  switch (file.kind) {
    case "image":
      return null;
    case "gone":
      return `[${named} of type ${part.media_type} was attached here. It is not there any more.]`;
    case "text": {
      const fence = fenceFor(file.text);
      const cut = file.cut ? "\n[The rest is left out: the file is too long.]" : "";
      return `[attached file] ${part.file_name ?? part.media_type}\n${fence}\n${file.text.trimEnd()}\n${fence}${cut}`;
    }
  }
}

function assistantMessages(
  message: PromptMessage,
  results: Map<string, ToolResultPart[]>,
  ids: IdSanitiser,
  style: PromptStyle,
): LanguageModelV4Prompt {
  const content: AssistantContent = [];
  const answers: LanguageModelV4ToolResultPart[] = [];
  for (const part of message.parts) {
    if (part.type === "text" && part.text.trim() !== "") content.push({ type: "text", text: part.text });
    if (part.type === "reasoning") content.push(...reasoningOf(part, style));
    if (part.type === "tool-call") {
      const id = ids.idFor(part.tool_call_id);
      content.push(toolCall(part, id, style));
      answers.push(toolResult(part, id, results.get(part.tool_call_id)?.shift()));
    }
  }
  const said: LanguageModelV4Prompt = content.length === 0 ? [] : [{ role: "assistant", content }];
  return answers.length === 0 ? said : [...said, { role: "tool", content: answers }];
}

/** Results in the order in which they stand, since an id may come twice in an old history. */
function resultsByCall(messages: readonly PromptMessage[]): Map<string, ToolResultPart[]> {
  const parts = messages.flatMap(({ parts }) => parts).filter((part) => part.type === "tool-result");
  return Map.groupBy(parts, (part) => part.tool_call_id);
}

function toolCall(part: ToolCallPart, toolCallId: string, style: PromptStyle): AssistantContent[number] {
  const providerOptions = optionsFor(part.provider_metadata, style);
  return {
    type: "tool-call",
    toolCallId,
    toolName: part.tool_name,
    input: isObject(part.args) ? part.args : part.args === null ? {} : { input: part.args },
    ...(providerOptions === undefined ? {} : { providerOptions }),
  };
}

function toolResult(
  call: ToolCallPart,
  toolCallId: string,
  result: ToolResultPart | undefined,
): LanguageModelV4ToolResultPart {
  const base = { type: "tool-result", toolCallId, toolName: call.tool_name } as const;
  if (result === undefined) return { ...base, output: { type: "error-text", value: NO_RESULT } };
  if (result.is_error) return { ...base, output: { type: "error-text", value: errorText(result.result) } };
  return { ...base, output: { type: "text", value: resultText(result.result) } };
}

function resultText(result: Json): string {
  const text = typeof result === "string" ? result : result === null ? "" : JSON.stringify(result);
  return text.trim() === "" ? EMPTY_RESULT : text;
}

/** The words of an error read better to a model than the object around them. */
function errorText(result: Json): string {
  const inner = isObject(result) ? result["error"] : undefined;
  return typeof inner === "string" && inner.trim() !== "" ? inner : resultText(result);
}

/** Reasoning goes back only to the API whose signature it carries: others refuse it or pay for it twice. */
function reasoningOf(part: Extract<MessagePart, { type: "reasoning" }>, style: PromptStyle): AssistantContent {
  const providerOptions = optionsFor(part.provider_metadata, style);
  return providerOptions === undefined ? [] : [{ type: "reasoning", text: part.text, providerOptions }];
}

function optionsFor(metadata: Json | undefined, style: PromptStyle): SharedV4ProviderOptions | undefined {
  if (style.metadataKey === null || !isObject(metadata)) return undefined;
  const own = metadata[style.metadataKey];
  return isObject(own) && Object.keys(own).length > 0 ? { [style.metadataKey]: own } : undefined;
}

function plainTexts(parts: readonly MessagePart[]): string[] {
  return parts.map(plainText).filter((text) => text.trim() !== "");
}

function plainText(part: MessagePart): string {
  switch (part.type) {
    case "text":
      return part.text;
    case "file-reference":
      return fileReferenceText(part);
    case "file":
    case "reasoning":
    case "tool-call":
    case "tool-result":
    case "source":
      return "";
  }
}

function fileReferenceText(part: Extract<MessagePart, { type: "file-reference" }>): string {
  const tag = `[file-reference] ${part.file_name}${lineRange(part.start_line, part.end_line)}`;
  const content = part.content?.trim() ?? "";
  if (content === "") return tag;
  const fence = fenceFor(content);
  return `${tag}\n${fence}\n${content}\n${fence}`;
}

function lineRange(start: number | undefined, end: number | undefined): string {
  if (start === undefined) return "";
  return end === undefined || end === start ? `:${start}` : `:${start}-${end}`;
}

/** Longer than any run of backticks inside, so that content cannot end its own block. */
function fenceFor(content: string): string {
  const longest = Math.max(2, ...(content.match(/`+/g) ?? []).map((run) => run.length));
  return "`".repeat(longest + 1);
}

/** On the last leading system message and the last two messages: 3 of the 4 marks that Anthropic allows. */
function withCacheMarks(prompt: LanguageModelV4Prompt): LanguageModelV4Prompt {
  const lastSystem = prompt.findLastIndex(({ role }) => role === "system");
  return prompt.map((message, index) =>
    index === lastSystem || index >= prompt.length - 2 ? { ...message, providerOptions: EPHEMERAL } : message,
  );
}

function isObject(value: Json | undefined): value is JSONObject & { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
