import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { PromptMessage } from "../../src/chats/engine/ports.ts";
import { filePort } from "../../src/chats/files.ts";
import { BUILT_IN_SYSTEM_PROMPT } from "../../src/chats/prompt-text.ts";
import { resolveSystemPrompt } from "../../src/chats/settings.ts";
import { compactionThresholds, PROMPT_MAX_BYTES } from "../../src/contract/chat-settings.ts";
import { problem } from "../../src/contract/common.ts";
import { DEMO_CONFIG_ID } from "../../src/models/demo/model.ts";
import { modelPort } from "../../src/models/port.ts";
import { openDatabase } from "../../src/platform/d1.ts";
import { newId } from "../../src/platform/ids.ts";
import { getTestApp } from "../support/app.ts";
import { quickAnswer, useModel } from "./scripted-model.ts";
import { answeredChat, idleChat } from "./support.ts";

const prompts: PromptMessage[][] = [];
useModel((request) => {
  prompts.push(request.messages);
  return quickAnswer();
});
const { addUser, anonymous, db, owner } = await getTestApp();
const ann = await addUser("ann");
const bob = await addUser("bob");

const SYSTEM = "/api/v2/chats/config/system-prompt";
const OWN = "/api/v2/chats/config/user-prompt";
const THRESHOLDS = "/api/v2/chats/config/user-compaction-thresholds";

const read = async (client: typeof ann, path: string): Promise<unknown> => (await client.request(path)).json();
const put = (client: typeof ann, path: string, body: unknown) => client.request(path, { method: "PUT", body });

/** The instructions before the history of the newest prompt. */
const instructions = () =>
  (prompts.at(-1) ?? [])
    .filter((message) => message.role === "system")
    .flatMap((message) => message.parts.map((part) => ("text" in part ? part.text : "")));

describe("the system prompt", () => {
  it("is empty when unset, admins set it, members get 403, and everybody reads it", async () => {
    expect(await read(ann, SYSTEM)).toEqual({ system_prompt: "" });
    expect((await put(ann, SYSTEM, { system_prompt: "Mine" })).status).toBe(403);
    expect(await read(ann, SYSTEM)).toEqual({ system_prompt: "" });
    expect((await put(owner, SYSTEM, { system_prompt: "  Be brief.\n" })).status).toBe(204);
    expect(await read(ann, SYSTEM)).toEqual({ system_prompt: "Be brief." });
    expect((await anonymous(SYSTEM)).status).toBe(401);
    expect((await put(owner, SYSTEM, { system_prompt: " " })).status).toBe(204);
    expect(await read(ann, SYSTEM)).toEqual({ system_prompt: "" });
  });

  it("answers under its older addresses, too", async () => {
    expect((await put(owner, "/api/v2/chats/system-prompt", { system_prompt: "Old" })).status).toBe(204);
    for (const path of ["/api/v2/chats/system-prompt", "/api/experimental/chats/config/system-prompt", SYSTEM]) {
      expect([path, await read(ann, path)]).toEqual([path, { system_prompt: "Old" }]);
    }
    expect((await put(ann, "/api/v2/chats/system-prompt", { system_prompt: "Mine" })).status).toBe(403);
    await put(owner, SYSTEM, { system_prompt: "" });
  });

  it("is the chat's own from its beginning: a later change is for later chats", async () => {
    const built = await answeredChat(ann);
    expect(instructions()[0]).toBe(BUILT_IN_SYSTEM_PROMPT);
    await put(owner, SYSTEM, { system_prompt: "Speak plainly." });
    await answeredChat(ann);
    expect(instructions()[0]).toBe("Speak plainly.");
    await sendTo(built.id);
    expect(instructions()[0]).toBe(BUILT_IN_SYSTEM_PROMPT);
    await put(owner, SYSTEM, { system_prompt: "" });
  });

  it("is the built-in one when the setting cannot be read", async () => {
    await put(owner, SYSTEM, { system_prompt: "Set" });
    expect(await resolveSystemPrompt(db)).toBe("Set");
    const away = { ...env.DB, prepare: () => ({ bind: () => ({ raw: () => Promise.reject(new Error("away")) }) }) };
    expect(await resolveSystemPrompt(openDatabase(away as unknown as D1Database))).toBe(BUILT_IN_SYSTEM_PROMPT);
    await put(owner, SYSTEM, { system_prompt: "" });
  });
});

describe("one's own prompt", () => {
  it("is empty when unset, and nobody else's", async () => {
    expect(await read(ann, OWN)).toEqual({ custom_prompt: "" });
    const response = await put(ann, OWN, { custom_prompt: "\n Call me Ann. " });
    expect([response.status, await response.json()]).toEqual([200, { custom_prompt: "Call me Ann." }]);
    expect(await read(ann, OWN)).toEqual({ custom_prompt: "Call me Ann." });
    expect(await read(bob, OWN)).toEqual({ custom_prompt: "" });
    expect((await anonymous(OWN)).status).toBe(401);
  });

  it("counts from the next step of each chat, after what is said of the workspace", async () => {
    await put(ann, OWN, { custom_prompt: "One" });
    const { id } = await answeredChat(ann);
    expect(instructions().at(-1)).toBe("<user-instructions>\nOne\n</user-instructions>");
    await put(ann, OWN, { custom_prompt: "Two" });
    await sendTo(id);
    expect(instructions().at(-1)).toBe("<user-instructions>\nTwo\n</user-instructions>");
    await put(ann, OWN, { custom_prompt: "" });
    await sendTo(id);
    expect(instructions().join()).not.toContain("user-instructions");
  });
});

describe("a prompt", () => {
  it.each([
    ["system_prompt", SYSTEM],
    ["custom_prompt", OWN],
  ])("as %s has 32 KiB after trimming, and the refusal has both numbers", async (name, path) => {
    const most = `${"é".repeat(PROMPT_MAX_BYTES / 2)}`;
    expect((await put(owner, path, { [name]: `  ${most}  ` })).status).toBeLessThan(300);
    const response = await put(owner, path, { [name]: `${most}x` });
    expect(response.status).toBe(400);
    const { detail, errors } = problem.parse(await response.json());
    expect(detail).toContain("32768");
    expect(detail).toContain("32769");
    expect(errors?.[0]?.pointer).toBe(`/${name}`);
    for (const body of [{}, { [name]: 7 }, { [name]: null }]) expect((await put(owner, path, body)).status).toBe(400);
    expect((await put(owner, path, { [name]: "" })).status).toBeLessThan(300);
  });
});

describe("one's own compaction thresholds", () => {
  const port = () => modelPort(env, db, Date.now, filePort(env.FILES));

  it("are in place of the model's, for their owner only, until they are taken back", async () => {
    const path = `${THRESHOLDS}/${DEMO_CONFIG_ID}`;
    const threshold = async (userId: string) => (await port().resolve(DEMO_CONFIG_ID, userId))?.compressionThreshold;
    expect(await read(ann, THRESHOLDS)).toEqual({ thresholds: [] });
    expect(await threshold(ann.userId)).toBe(100);
    for (const percent of [40, 0, 55]) {
      const response = await put(ann, path, { threshold_percent: percent });
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ model_config_id: DEMO_CONFIG_ID, threshold_percent: percent });
      expect(await threshold(ann.userId)).toBe(percent);
    }
    expect((await port().resolveDefault(ann.userId))?.compressionThreshold).toBe(55);
    expect(await threshold(bob.userId)).toBe(100);
    expect(compactionThresholds.parse(await read(ann, THRESHOLDS)).thresholds).toEqual([
      { model_config_id: DEMO_CONFIG_ID, threshold_percent: 55 },
    ]);
    expect(await read(bob, THRESHOLDS)).toEqual({ thresholds: [] });
    for (let time = 0; time < 2; time += 1) {
      expect((await ann.request(path, { method: "DELETE" })).status).toBe(204);
    }
    expect(await threshold(ann.userId)).toBe(100);
  });

  it("are whole percents of a model that there is", async () => {
    for (const threshold_percent of [-1, 101, 1.5, "40", null]) {
      expect((await put(ann, `${THRESHOLDS}/${DEMO_CONFIG_ID}`, { threshold_percent })).status).toBe(400);
    }
    expect((await put(ann, `${THRESHOLDS}/${newId()}`, { threshold_percent: 40 })).status).toBe(404);
    expect((await put(ann, `${THRESHOLDS}/x`, { threshold_percent: 40 })).status).toBe(400);
    expect((await anonymous(THRESHOLDS)).status).toBe(401);
  });
});

async function sendTo(chatId: string): Promise<void> {
  const body = { content: [{ type: "text", text: "And?" }] };
  const before = prompts.length;
  expect((await ann.request(`/api/v2/chats/${chatId}/messages`, { method: "POST", body })).status).toBe(200);
  await idleChat(ann, chatId);
  expect(prompts.length).toBe(before + 1);
}
