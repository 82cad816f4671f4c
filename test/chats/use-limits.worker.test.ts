import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { UserObject } from "../../src/worker.ts";
import { getTestApp, type Client, type SignedIn } from "../support/app.ts";
import { soon } from "../support/soon.ts";
import { useModel } from "./scripted-model.ts";

useModel();
const test = await getTestApp();
const { clock } = test;
const png = Uint8Array.from(
  atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="),
  (c) => c.charCodeAt(0),
);
const uses: [string, number, (client: Client) => Promise<Response>][] = [
  [
    "chat",
    1_000,
    (client) =>
      client.request("/api/v2/chats", { method: "POST", body: { content: [{ type: "text", text: "Hello" }] } }),
  ],
  [
    "upload",
    600,
    (client) =>
      client.request("/api/v2/chats/files", { method: "POST", body: png, headers: { "content-type": "image/png" } }),
  ],
  ["import", 1_000, (client) => importChat(client)],
];

async function importChat(client: Client): Promise<Response> {
  const made = await client.request("/api/v2/chats", {
    method: "POST",
    body: { content: [{ type: "text", text: "To be exported" }] },
  });
  const { id } = await made.json<{ id: string }>();
  const file = await soon(async () => {
    const exported = await client.request(`/api/v2/chats/${id}/export`);
    expect(exported.status).toBe(200);
    return exported.json<object>();
  });
  return client.request("/api/v2/chats/import", { method: "POST", body: file });
}

/** As after so many uses in the window that is open. */
async function used(person: SignedIn, kind: string, count: number): Promise<void> {
  await runInDurableObject(env.USERS.getByName(person.userId), (_, state) => {
    state.storage.sql.exec(
      "insert or replace into use_counts (kind, window_ends_at, count) values (?, ?, ?)",
      kind,
      clock.now + 60_000,
      count,
    );
  });
}

describe.each(uses)("the limit on the kind %s", (kind, limit, act) => {
  it("lets the last one through and then says how long to wait, to that person alone", async () => {
    const [person, other] = [await test.addUser(`busy-${kind}`), await test.addUser(`calm-${kind}`)];
    await used(person, kind, limit - 1);
    expect((await act(person)).status).toBe(201);
    const refused = await act(person);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("60");
    expect(await refused.json()).toMatchObject({ detail: "Wait 60 s and try again." });
    expect((await act(other)).status).toBe(201);
    clock.now += 60_000;
    expect((await act(person)).status).toBe(201);
  });
});

describe("the limits", () => {
  it("count what comes all at once", async () => {
    const person = await test.addUser("burst");
    await used(person, "upload", 597);
    const [, , upload] = uses[1] ?? [];
    const all = await Promise.all(Array.from({ length: 6 }, () => upload?.(person)));
    expect(all.map((response) => response?.status ?? 0).toSorted((a, b) => a - b)).toEqual([
      201, 201, 201, 429, 429, 429,
    ]);
  });

  it("stop nobody when they cannot be counted", async () => {
    const person = await test.addUser("uncounted");
    const away = vi.spyOn(UserObject.prototype, "countUse").mockRejectedValue(new Error("away"));
    const [, , upload] = uses[1] ?? [];
    expect((await upload?.(person))?.status).toBe(201);
    expect(away).toHaveBeenCalledOnce();
    away.mockRestore();
  });
});
