import { sql } from "drizzle-orm";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { AppEnv } from "../access/router.ts";
import { readCredentials } from "../identity/credentials.ts";
import { selectStepSettings, toStepSettings, type StepSettings } from "../models/step-settings.ts";
import { prepared, preparedBatch, type Database } from "../platform/d1.ts";
import { periodStarts, readSpendState, selectSpendState, toSpendState, type SpendState } from "../usage/limits.ts";
import { selectStoredChat, type SharedChat } from "./records.ts";
import { chats } from "./schema.ts";

/** What a request about a chat needs to know of D1, read while D1 is asked who sent it: one wait for both. */
export interface Ahead {
  chatId: string;
  stored: SharedChat | null;
  /** For the step that a message starts; null where none does. */
  settings: StepSettings | null;
  /** What its owner may still spend, of a message; left out where it was not asked. */
  spend?: SpendState | null;
}

const ONE_CHAT =
  /^\/api\/(?:v2|experimental)\/chats\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/(messages))?(?:\/|$)/;
const begun = new WeakMap<Request, Promise<Ahead>>();

/** Stands before authentication. Nothing of what it reads is told to anybody who may not know it. */
export const readAhead = createMiddleware<AppEnv>(async function readAhead(c, next) {
  const [, chatId, messages] = ONE_CHAT.exec(c.req.path) ?? [];
  if (chatId !== undefined && readCredentials(c.req.raw) !== null) {
    const startsStep = messages !== undefined && c.req.method === "POST";
    const reading = readForChat(c.var.db, chatId, startsStep ? c.var.clock() : null);
    // Who is turned away before it is looked at needs no answer; who looks at it gets the failure.
    reading.catch(() => undefined);
    begun.set(c.req.raw, reading);
  }
  await next();
});

/** What was read for this request and this chat. */
export async function aheadOf(c: Context<AppEnv>, chatId: string): Promise<Ahead> {
  const ahead = await begun.get(c.req.raw);
  return ahead?.chatId === chatId ? ahead : readForChat(c.var.db, chatId, null);
}

/** What the chat's owner may still spend, as it was read with the chat. */
export async function spendAhead(
  c: Context<AppEnv>,
  chat: { id: string; ownerId: string },
): Promise<SpendState | null> {
  const { spend } = await aheadOf(c, chat.id);
  return spend === undefined ? readSpendState(c.var.db, chat.ownerId, c.var.clock()) : spend;
}

const chatAlone = prepared((db) => selectStoredChat(db, sql.placeholder("chatId")).prepare());

const chatAndStep = preparedBatch((db) => {
  const chatId = sql.placeholder("chatId");
  const owner = sql`(select ${chats.ownerId} from ${chats} where ${chats.id} = ${chatId})`;
  const [day, week, month] = [sql.placeholder("day"), sql.placeholder("week"), sql.placeholder("month")];
  return [
    selectStoredChat(db, chatId),
    selectSpendState(db, owner, { day, week, month }),
    ...selectStepSettings(db, owner),
  ] as const;
});

/** `stepAt`: when the message came that starts a step; null where none does. */
export async function readForChat(db: Database, chatId: string, stepAt: number | null): Promise<Ahead> {
  if (stepAt === null) return { chatId, stored: (await chatAlone(db).all({ chatId }))[0] ?? null, settings: null };
  const [[stored], spend, ...settings] = await chatAndStep(db, { chatId, ...periodStarts(stepAt) });
  return { chatId, stored: stored ?? null, settings: toStepSettings(settings), spend: toSpendState(spend) };
}
