import { describe, expect, it } from "vitest";
import { modelPort } from "../../src/models/port.ts";
import { DEMO_CONFIG_ID } from "../../src/models/demo/model.ts";
import { filePort } from "../../src/chats/files.ts";
import { createChat, readChat } from "../chats/support.ts";
import { useModel } from "../chats/scripted-model.ts";
import { getTestApp } from "../support/app.ts";
import { soon } from "../support/soon.ts";

/** Works until it is stopped. */
useModel(async function* (request) {
  yield { type: "text-delta", text: "Working" };
  await new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));
});
const { owner, addUser, db, env } = await getTestApp();

const stillWorks = async (chatId: string) =>
  soon(async () => expect((await readChat(owner, chatId)).status).toBe("running"));

describe("an account that may not act any more", () => {
  it.each([
    ["suspended", "PUT", "/status/suspend"],
    ["deleted", "DELETE", ""],
  ])("has its turns stopped when it is %s", async (name, method, path) => {
    const person = await addUser(`at-work-${name}`);
    const { id } = await createChat(person);
    const { id: other } = await createChat(owner);
    await stillWorks(id);
    expect((await owner.request(`/api/v2/users/${person.userId}${path}`, { method })).ok).toBe(true);
    await soon(async () => expect((await readChat(owner, id)).status).toBe("waiting"));
    await stillWorks(other);
    await owner.request(`/api/v2/chats/${other}/interrupt`, { method: "POST" });
  });

  it("has no model called for it, whoever writes in its chats", async () => {
    const person = await addUser("silent");
    const port = modelPort(env, db, Date.now, filePort(env.FILES));
    expect(await port.resolve(DEMO_CONFIG_ID, person.userId)).not.toBeNull();
    await owner.request(`/api/v2/users/${person.userId}/status/suspend`, { method: "PUT" });
    await expect(port.resolve(DEMO_CONFIG_ID, person.userId)).rejects.toMatchObject({
      detail: { retryable: false, message: expect.stringContaining("may not use Tideline any more") },
    });
  });
});
