import { describe, expect, it } from "vitest";
import { eq } from "drizzle-orm";
import { hashPassword } from "../../src/identity/password.ts";
import { users } from "../../src/identity/schema.ts";
import { getTestApp, type SignedIn } from "../support/app.ts";

const { owner, addUser, db } = await getTestApp();

/** What the sidebar's socket closes with. */
async function goodbye({ request }: SignedIn): Promise<() => Promise<string>> {
  const { webSocket } = await request("/api/v2/chats/watch", { headers: { upgrade: "websocket" } });
  if (webSocket === null) throw new Error("The upgrade has no socket");
  const closed = new Promise<string>((resolve) => {
    webSocket.addEventListener("close", ({ code, reason }) => resolve(`${code} ${reason}`));
  });
  webSocket.accept();
  return () => closed;
}

/** Somebody's page reads the reason to them as it is. */
describe("why somebody is signed out", () => {
  const acts: [string, string, (person: SignedIn) => Promise<Response>, number][] = [
    ["suspended", "your account was suspended", by("PUT", () => "/status/suspend", {}), 200],
    ["deleted", "your account was deleted", by("DELETE", () => ""), 204],
    ["ended", "your session was ended", by("DELETE", ({ sessionId }) => `/sessions/${sessionId}`), 204],
    ["reset", "your password was changed", by("PUT", () => "/password", { password: "another long password" }), 204],
  ];
  it.each(acts)("%s: %s", async (name, words, act, status) => {
    const person = await addUser(name);
    const passwordHash = await hashPassword("the first long password");
    await db.update(users).set({ loginType: "password", passwordHash }).where(eq(users.id, person.userId));
    const said = await goodbye(person);
    expect((await act(person)).status).toBe(status);
    expect(await said()).toBe(`4403 You were signed out: ${words}.`);
  });
});

/** The owner's call about the person. */
function by(method: string, path: (person: SignedIn) => string, body?: unknown) {
  return (person: SignedIn) =>
    owner.request(`/api/v2/users/${person.userId}${path(person)}`, { method, ...(body === undefined ? {} : { body }) });
}
