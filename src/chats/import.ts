import type { Actor } from "../access/actor.ts";
import type { ImportChatRequest } from "../contract/chat-export.ts";
import { CONTENT_VERSION, messagePart, type Chat, type MessagePart } from "../contract/chats.ts";
import type { ProblemError } from "../contract/common.ts";
import { firstTitle } from "../contract/title.ts";
import { resolveModelChoice } from "../models/offers.ts";
import { chooseOrganization } from "../organizations/choice.ts";
import { newId } from "../platform/ids.ts";
import { log } from "../platform/log.ts";
import { Problem } from "../platform/problem.ts";
import { begunWith, hashBody, notMade, type Surroundings } from "./creation.ts";
import { parseVersion0 } from "./engine/content-v0.ts";
import type { ImportedRow } from "./engine/rpc.ts";
import { readOwnFiles } from "./files.ts";
import { MESSAGE_MAX_BYTES } from "./input.ts";
import { referTo } from "./message-content.ts";
import { askChat } from "./object.ts";
import { asSeenBy, markRead } from "./reads.ts";
import { insertChat, type NewChat } from "./records.ts";
import { resolveSystemPrompt } from "./settings.ts";
import { limitUse } from "./use-limits.ts";

/** Makes a chat of the messages in a file. Nothing is run: it waits for its next message. */
export async function importChat(
  around: Surroundings,
  actor: Actor,
  request: ImportChatRequest,
  key: string | null,
): Promise<Chat> {
  const { env, db, clock } = around;
  const messages = readMessages(request);
  const owned = await readOwnFiles(db, actor.userId, fileIdsOf(messages));
  const kept = messages.map((message) => ({ ...message, parts: message.parts?.map((part) => ownFile(part, owned)) }));
  const bodyHash = hashBody(request);
  const now = clock();
  const begun = key === null ? null : await begunWith(db, actor.userId, key, bodyHash);
  const chat = begun ?? (await begin(around, actor, request.chat.title || titleOf(messages), key, bodyHash));
  await referTo(
    db,
    actor.userId,
    kept.flatMap((message) => message.parts ?? []),
    chat.id,
  );
  const rows = kept.map((message): ImportedRow => ({
    role: message.role,
    visibility: message.visibility,
    content: JSON.stringify(message.parts ?? message.content),
    contentVersion: message.content_version,
    compressed: message.compressed,
    createdAt: Math.min(now, message.created_at === undefined ? now : Date.parse(message.created_at)),
  }));
  const systemPrompt = await resolveSystemPrompt(db);
  try {
    const facts = await askChat(env.CHATS, chat.id, (object) =>
      object.create({
        chatId: chat.id,
        ownerId: chat.ownerId,
        organizationId: chat.organizationId,
        workspaceId: null,
        modelConfigId: chat.lastModelConfigId,
        title: chat.title,
        content: [],
        rows,
        systemPrompt,
        createdBy: chat.ownerId,
        createdAt: chat.createdAt,
      }),
    );
    const { messages: newest } = await askChat(env.CHATS, chat.id, (object) =>
      object.messages({ beforeId: null, limit: 1 }),
    );
    // Who brings a chat along knows what is in it.
    await markRead(db, { userId: actor.userId, chatId: chat.id, messageId: newest[0]?.id ?? 0 });
    return await asSeenBy(db, actor.userId, facts);
  } catch (error) {
    if (error instanceof Problem && error.status !== 503) throw error;
    log.error("chat.not_imported", { chatId: chat.id, error });
    throw notMade();
  }
}

async function begin(
  { env, db, clock }: Surroundings,
  actor: Actor,
  title: string,
  key: string | null,
  bodyHash: string,
): Promise<NewChat> {
  const [model] = await Promise.all([
    resolveModelChoice(db, env, undefined),
    limitUse({ env, clock }, actor.userId, "import"),
  ]);
  const chat: NewChat = {
    id: newId(),
    ownerId: actor.userId,
    organizationId: chooseOrganization(actor, undefined),
    workspaceId: null,
    lastModelConfigId: model.id,
    title,
    createdAt: clock(),
  };
  if (await insertChat(db, chat, key === null ? null : { key, bodyHash })) return chat;
  const twin = key === null ? null : await begunWith(db, actor.userId, key, bodyHash);
  if (twin === null) throw notMade();
  return twin;
}

type FileMessage = ImportChatRequest["messages"][number] & {
  /** Of a message in our own version; others are stored as they came. */
  parts?: MessagePart[];
  /** What is said in it, whatever its version. */
  said: MessagePart[];
};

/** Throws a 400 Problem that points at each message that is wrong, and 413 when one is too long. */
function readMessages(request: ImportChatRequest): FileMessage[] {
  const errors: ProblemError[] = [];
  const messages = request.messages.flatMap((message, index): FileMessage[] => {
    const pointer = `/messages/${index}`;
    if (JSON.stringify(message.content).length > MESSAGE_MAX_BYTES) throw tooLong(pointer);
    if (message.content_version === CONTENT_VERSION) {
      const read = messagePart.array().safeParse(message.content);
      if (read.success) {
        const parts = read.data.map(foreignPart);
        return [{ ...message, parts, said: parts }];
      }
      const [issue] = read.error.issues;
      errors.push({
        pointer: [`${pointer}/content`, ...(issue?.path.map(String) ?? [])].join("/"),
        detail: issue?.message ?? "This is no list of message parts.",
      });
    } else if (message.content_version === 0) {
      const said = parseVersion0(message.role, message.content);
      if (said !== null) return [{ ...message, said }];
      errors.push({ pointer: `${pointer}/content`, detail: `No content of version 0 for the role ${message.role}.` });
    } else {
      errors.push({ pointer: `${pointer}/content_version`, detail: "Versions 0 and 1 can be imported." });
    }
    return [];
  });
  if (errors.length === 0) return messages;
  throw new Problem(400, "The file is not valid.", {
    detail: errors[0]?.detail,
    errors: errors.slice(0, ERRORS_SHOWN),
  });
}

/** More tell nobody more. */
const ERRORS_SHOWN = 20;

function tooLong(pointer: string): Problem {
  const detail = `A message holds at most ${MESSAGE_MAX_BYTES.toLocaleString("en")} characters.`;
  return new Problem(413, "A message is too long.", { detail, errors: [{ pointer: `${pointer}/content`, detail }] });
}

/** Signatures are of another account, and ids of calls must not meet those that this chat gives out. */
function foreignPart(part: MessagePart): MessagePart {
  switch (part.type) {
    case "reasoning":
      return { type: "reasoning", text: part.text };
    case "tool-call":
      return {
        type: part.type,
        tool_call_id: foreignId(part.tool_call_id),
        tool_name: part.tool_name,
        args: part.args,
      };
    case "tool-result":
      return { ...part, tool_call_id: foreignId(part.tool_call_id) };
    case "text":
    case "source":
    case "file":
    case "file-reference":
      return part;
  }
}

function foreignId(id: string): string {
  return /^call_\d+_\d+$/.test(id) ? `imported_${id}` : id;
}

function fileIdsOf(messages: readonly FileMessage[]): string[] {
  return messages.flatMap(({ parts = [] }) => parts.flatMap((part) => (part.type === "file" ? [part.file_id] : [])));
}

/** A file of somebody else, or of another deployment, is told of and not read. */
function ownFile(part: MessagePart, owned: ReadonlyMap<string, { mediaType: string }>): MessagePart {
  if (part.type !== "file") return part;
  const file = owned.get(part.file_id);
  return file === undefined
    ? { type: "text", text: `[A file of type ${part.media_type} was attached here.]` }
    : { ...part, media_type: file.mediaType };
}

function titleOf(messages: readonly FileMessage[]): string {
  const first = messages.find((message) => message.role === "user" && message.visibility !== "model");
  return firstTitle(first?.said ?? []);
}

/** How deep JSON is nested, without building it. */
export function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (inString) {
      if (character === "\\") index++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") deepest = Math.max(deepest, ++depth);
    else if (character === "}" || character === "]") depth--;
  }
  return deepest;
}
