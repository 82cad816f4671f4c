import type { Context } from "hono";
import { sql } from "drizzle-orm";
import type { Actor } from "../access/actor.ts";
import { check, forbidden, groundFor, requirePermission, type Action } from "../access/check.ts";
import { requireActor, type AppEnv } from "../access/router.ts";
import { auditStatement } from "../audit/record.ts";
import { runBatch } from "../platform/d1.ts";
import { notFound } from "../platform/problem.ts";
import { aheadOf } from "./ahead.ts";
import type { SharedChat, StoredChat } from "./records.ts";
import { chatObject } from "./shares.ts";

/** A chat, and whether all in it is the actor's to change or only what they wrote themselves. */
export interface PermittedChat extends StoredChat {
  ownWordsOnly: boolean;
}

/**
 * A chat that the actor may do this to; 404 for ids that are unknown or somebody else's. Whom only a role
 * lets in leaves a line in the audit log before anything is read.
 */
export async function permittedChat(c: Context<AppEnv>, chatId: string, action: Action): Promise<PermittedChat> {
  const { stored } = await aheadOf(c, chatId);
  const { chat, byRole } = permit(requireActor(c), stored, action);
  if (byRole) await noteEntry(c, chat, action);
  return chat;
}

/** The same once the chat has been read. `byRole`: only a role lets the actor in, and the audit log must have it. */
export function permit(
  actor: Actor,
  stored: SharedChat | null,
  action: Action,
): { chat: PermittedChat; byRole: boolean } {
  if (stored === null) throw notFound();
  const object = chatObject(stored);
  requirePermission(actor, action, object);
  const ground = groundFor(actor, action, object);
  return {
    chat: { ...stored, ownWordsOnly: !check(actor, "update", object) },
    byRole: ground === "site" || ground === "organization",
  };
}

/** Which model answers is the business of whoever pays for it. Throws a 403 Problem when a guest names another. */
export function requireOwnersModel(chat: PermittedChat, modelConfigId: string | null | undefined): void {
  if (!chat.ownWordsOnly || modelConfigId == null || modelConfigId === chat.lastModelConfigId) return;
  throw forbidden("The model of this chat is its owner's to choose. Leave it out, and that one answers.");
}

/** Whoever follows a chat asks many times; one line for an hour says as much. */
const ENTRY_NOTED_MS = 60 * 60_000;

/** Writes down that a role opened somebody else's chat: once an hour for each actor, chat and kind of act. */
export async function noteEntry(
  c: Context<AppEnv>,
  chat: Pick<StoredChat, "id" | "title"> & { organizationId: string | null },
  action: Action,
): Promise<void> {
  const noted = action === "read" ? "read" : "write";
  const since = c.var.clock() - ENTRY_NOTED_MS;
  await runBatch(c.var.db, [
    auditStatement(c, {
      action: noted,
      resourceType: "chat",
      resourceId: chat.id,
      target: chat.title,
      organizationId: chat.organizationId,
      when: sql`not exists (select 1 from audit_logs l where l.resource_type = 'chat' and l.resource_id = ${chat.id}
        and l.time > ${since} and l.user_id = ${requireActor(c).userId} and l.action = ${noted})`,
    }),
  ]);
}
