import type { Context } from "hono";
import { requirePermission, type Action } from "../access/check.ts";
import { requireActor, type AppEnv } from "../access/router.ts";
import { notFound } from "../platform/problem.ts";
import { aheadOf } from "./ahead.ts";
import type { StoredChat } from "./records.ts";
import { chatObject } from "./shares.ts";

/** A chat that the actor may do this to; 404 for ids that are unknown or somebody else's. */
export async function permittedChat(c: Context<AppEnv>, chatId: string, action: Action): Promise<StoredChat> {
  const actor = requireActor(c);
  const { stored } = await aheadOf(c, chatId);
  if (stored === null) throw notFound();
  requirePermission(actor, action, chatObject(stored));
  return stored;
}
