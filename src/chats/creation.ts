import type { Actor } from "../access/actor.ts";
import type { Chat, ChatFacts, CreateChatRequest, MessagePart } from "../contract/chats.ts";
import { resolveModelChoice } from "../models/offers.ts";
import { chooseOrganization } from "../organizations/choice.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/d1.ts";
import { newId } from "../platform/ids.ts";
import { log } from "../platform/log.ts";
import { Problem } from "../platform/problem.ts";
import { sha256Hex } from "../platform/sealing.ts";
import { requireSpendLeft } from "../usage/limits.ts";
import { checkContent, referTo } from "./message-content.ts";
import { askChat, unavailable } from "./object.ts";
import { asSeenBy } from "./reads.ts";
import { insertChat, readCreation, type NewChat } from "./records.ts";
import { resolveSystemPrompt } from "./settings.ts";
import { firstTitle } from "../contract/title.ts";
import { requireUsableWorkspace } from "./usable-workspace.ts";
import { limitUse } from "./use-limits.ts";

export interface Surroundings {
  env: Env;
  db: Database;
  clock: Clock;
}

/**
 * Makes a chat: first its row and the key of the request in D1, together, then its object. When the
 * object can't be reached, the answer is 503, and a repeat with the same key finishes the same chat.
 */
export async function createChat(
  around: Surroundings,
  actor: Actor,
  request: CreateChatRequest,
  key: string | null,
): Promise<Chat> {
  const content = await checkContent(around.db, actor.userId, request.content);
  const bodyHash = hashBody(request);
  const begun = key === null ? null : await begunWith(around.db, actor.userId, key, bodyHash);
  const chat = begun ?? (await begin(around, actor, request, content, key, bodyHash));
  await referTo(around.db, actor.userId, content, chat.id);
  return asSeenBy(around.db, actor.userId, await finish(around, chat, content));
}

/** The fields that we know, in our order: spaces and unknown fields make no other request of it. */
export function hashBody(body: object): string {
  return sha256Hex(JSON.stringify(body));
}

/** The chat that this key of theirs has made; throws a 422 Problem when it came with another body. */
export async function begunWith(db: Database, userId: string, key: string, bodyHash: string): Promise<NewChat | null> {
  const creation = await readCreation(db, userId, key);
  if (creation === null) return null;
  if (creation.bodyHash === bodyHash) return creation.chat;
  const detail = "It was sent before with another body. Use a new key for a new chat.";
  throw new Problem(422, "The Idempotency-Key was used already.", {
    detail,
    errors: [{ parameter: "Idempotency-Key", detail }],
  });
}

async function begin(
  { env, db, clock }: Surroundings,
  actor: Actor,
  request: CreateChatRequest,
  content: MessagePart[],
  key: string | null,
  bodyHash: string,
): Promise<NewChat> {
  const workspaceId = request.workspace_id ?? null;
  const [model] = await Promise.all([
    resolveModelChoice(db, env, request.model_config_id),
    limitUse({ env, clock }, actor.userId, "chat"),
    requireSpendLeft(db, { ownerId: actor.userId, askedBy: actor.userId }, clock()),
    workspaceId === null ? null : requireUsableWorkspace({ db, env }, actor, workspaceId, actor.userId),
  ]);
  const chat: NewChat = {
    id: newId(),
    ownerId: actor.userId,
    organizationId: chooseOrganization(actor, request.organization_id),
    workspaceId,
    lastModelConfigId: model.id,
    title: firstTitle(content),
    createdAt: clock(),
  };
  if (await insertChat(db, chat, key === null ? null : { key, bodyHash })) return chat;
  // A twin of this request with the same key was quicker: its chat is ours.
  const twin = key === null ? null : await begunWith(db, actor.userId, key, bodyHash);
  if (twin === null) throw notMade();
  return twin;
}

async function finish({ env, db }: Surroundings, chat: NewChat, content: MessagePart[]): Promise<ChatFacts> {
  const systemPrompt = await resolveSystemPrompt(db);
  try {
    return await askChat(env.CHATS, chat.id, (object) =>
      object.create({
        chatId: chat.id,
        ownerId: chat.ownerId,
        organizationId: chat.organizationId,
        workspaceId: chat.workspaceId,
        modelConfigId: chat.lastModelConfigId,
        title: chat.title,
        content,
        systemPrompt,
        createdBy: chat.ownerId,
        createdAt: chat.createdAt,
      }),
    );
  } catch (error) {
    if (error instanceof Problem && error.status !== 503) throw error;
    log.error("chat.not_created", { chatId: chat.id, error });
    throw notMade();
  }
}

export function notMade(): Problem {
  return unavailable(
    "The chat could not be made just now.",
    "Nothing was started. Send the request again with the same Idempotency-Key.",
  );
}
