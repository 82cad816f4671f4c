import { and, eq } from "drizzle-orm";
import type { AuditInsert } from "../audit/record.ts";
import { PROMPT_MAX_BYTES } from "../contract/chat-settings.ts";
import { siteConfigs, userConfigs } from "../identity/schema.ts";
import type { OwnSetting } from "../models/step-settings.ts";
import type { Database } from "../platform/d1.ts";
import { log } from "../platform/log.ts";
import { Problem } from "../platform/problem.ts";
import { BUILT_IN_SYSTEM_PROMPT } from "./prompt-text.ts";

const SYSTEM_PROMPT = "agents_chat_system_prompt";
const USER_PROMPT = "agents_chat_custom_prompt";

/** The deployment's own system prompt; empty when the built-in one serves. */
export async function readSystemPrompt(db: Database): Promise<string> {
  const [row] = await db
    .select({ value: siteConfigs.value })
    .from(siteConfigs)
    .where(eq(siteConfigs.key, SYSTEM_PROMPT))
    .limit(1);
  return row?.value ?? "";
}

export async function writeSystemPrompt(db: Database, prompt: string, now: number, audit: AuditInsert): Promise<void> {
  const change = { value: prompt, updatedAt: now };
  await db.batch([
    db
      .insert(siteConfigs)
      .values({ key: SYSTEM_PROMPT, ...change })
      .onConflictDoUpdate({ target: siteConfigs.key, set: change }),
    audit,
  ]);
}

/** What a new chat begins with. A setting that cannot be read keeps nobody from working. */
export async function resolveSystemPrompt(db: Database): Promise<string> {
  try {
    return (await readSystemPrompt(db)) || BUILT_IN_SYSTEM_PROMPT;
  } catch (error) {
    log.warn("system_prompt.unread", { error });
    return BUILT_IN_SYSTEM_PROMPT;
  }
}

/** The own instructions of somebody with these settings; empty when they gave none. */
export function userPromptAmong(own: readonly OwnSetting[]): string {
  return own.find(({ key }) => key === USER_PROMPT)?.value ?? "";
}

/** A person's own instructions; empty when they gave none. */
export async function readUserPrompt(db: Database, userId: string): Promise<string> {
  const [row] = await db
    .select({ value: userConfigs.value })
    .from(userConfigs)
    .where(and(eq(userConfigs.userId, userId), eq(userConfigs.key, USER_PROMPT)))
    .limit(1);
  return row?.value ?? "";
}

export async function writeUserPrompt(db: Database, userId: string, prompt: string, now: number): Promise<void> {
  const change = { value: prompt, updatedAt: now };
  await db
    .insert(userConfigs)
    .values({ userId, key: USER_PROMPT, ...change })
    .onConflictDoUpdate({ target: [userConfigs.userId, userConfigs.key], set: change });
}

/** A prompt as it is kept. Throws a 400 Problem with both numbers when it is too long. */
export function trimmedPrompt(text: string, pointer: string): string {
  const prompt = text.toWellFormed().trim();
  const bytes = new TextEncoder().encode(prompt).byteLength;
  if (bytes <= PROMPT_MAX_BYTES) return prompt;
  const detail = `It may have ${PROMPT_MAX_BYTES} bytes, and has ${bytes}.`;
  throw new Problem(400, "The prompt is too long.", { detail, errors: [{ pointer, detail }] });
}
