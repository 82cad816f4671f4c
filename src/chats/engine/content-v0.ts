import { z } from "zod";
import { json, type Json } from "../../contract/common.ts";
import { messagePart, type MessagePart, type MessageRole } from "../../contract/chats.ts";

/**
 * Content of version 0, which only imported chats have. Its shape depends on the role: text, the
 * envelopes of a model library, or rows of tool results; parts as we have them in some, too.
 */

/** The parts of such a message; null when it has none of the shapes that its role can have. */
export function parseVersion0(role: MessageRole, content: Json): MessagePart[] | null {
  if (typeof content === "string") return role === "tool" ? null : [{ type: "text", text: content }];
  if (!Array.isArray(content)) return null;
  if (role === "system") return null;
  return readAll(content, role === "tool" ? toolRow : isEnvelope(content[0]) ? envelope : partOf(role));
}

function readAll(content: readonly Json[], schema: z.ZodType<MessagePart>): MessagePart[] | null {
  const read = content.map((item) => schema.safeParse(item));
  const parts = read.flatMap((one) => (one.success ? [one.data] : []));
  // A message is read whole or not at all: what is left out of a prompt would change what was said.
  return parts.length === content.length ? parts : null;
}

function isEnvelope(first: Json | undefined): boolean {
  return isObject(first) && isObject(first["data"]);
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const toolRow = z
  .object({
    tool_call_id: z.string(),
    tool_name: z.string(),
    result: json.default(null),
    is_error: z.boolean().default(false),
  })
  .transform(({ is_error, ...row }): MessagePart => ({
    type: "tool-result",
    ...row,
    ...(is_error ? { is_error } : {}),
  }));

const text = z.object({ text: z.string() });
const file = z.object({ media_type: z.string().catch("unknown") });
const toolCall = z.object({
  tool_call_id: z.string(),
  tool_name: z.string(),
  /** JSON text, mostly. */
  input: json.default(null),
});
const source = z.object({ id: z.string().default(""), url: z.string(), title: z.string().optional() });

/** `{type, data: {…}}`, as the library wrote each kind. */
const envelope = z.discriminatedUnion("type", [
  z
    .object({ type: z.literal("text"), data: text })
    .transform(({ data }): MessagePart => ({ type: "text", text: data.text })),
  z
    .object({ type: z.literal("reasoning"), data: text })
    .transform(({ data }): MessagePart => ({ type: "reasoning", text: data.text })),
  z
    .object({ type: z.literal("tool-call"), data: toolCall })
    .transform(({ data: { input, ...call } }): MessagePart => ({ type: "tool-call", ...call, args: readArgs(input) })),
  z.object({ type: z.literal("tool-result"), data: toolRow }).transform(({ data }) => data),
  z.object({ type: z.literal("source"), data: source }).transform(({ data }): MessagePart => {
    const { id, url, title = url } = data;
    return { type: "source", source_id: id, url, title };
  }),
  z.object({ type: z.literal("file"), data: file }).transform(({ data }) => fileThatWas(data.media_type)),
]);

function readArgs(input: Json): Json {
  if (typeof input !== "string") return input;
  try {
    return json.parse(JSON.parse(input));
  } catch {
    // What a model wrote need not be JSON; it stays what it was.
    return input;
  }
}

const assistantParts: readonly MessagePart["type"][] = [
  "text",
  "reasoning",
  "tool-call",
  "tool-result",
  "source",
  "file",
];
const userParts: readonly MessagePart["type"][] = ["text", "file", "file-reference"];

function partOf(role: "user" | "assistant"): z.ZodType<MessagePart> {
  const allowed = role === "user" ? userParts : assistantParts;
  return messagePart
    .refine((part) => allowed.includes(part.type))
    .transform((part): MessagePart => (part.type === "file" ? fileThatWas(part.media_type) : part));
}

/** Its bytes were never here. */
function fileThatWas(mediaType: string): MessagePart {
  return { type: "text", text: `[A file of type ${mediaType} was attached here.]` };
}
