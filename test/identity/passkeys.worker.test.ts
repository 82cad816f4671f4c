import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { auditLogs } from "../../src/audit/schema.ts";
import type { passkeyCreation, passkeyRequest } from "../../src/contract/sign-in.ts";
import type { SiteRole } from "../../src/contract/identity.ts";
import { passkeys } from "../../src/identity/passkeys/schema.ts";
import { hashPassword } from "../../src/identity/password.ts";
import { users } from "../../src/identity/schema.ts";
import { getTestApp, ORIGIN, type SignedIn } from "../support/app.ts";
import { SoftAuthenticator } from "./soft-authenticator.ts";

const test = await getTestApp();
const { db, clock, owner } = test;
const LOGIN = "/api/v2/users/login/passkey";
const MINE = "/api/v2/users/me/passkeys";

async function begin(person: SignedIn, body: object = {}): Promise<z.infer<typeof passkeyCreation>> {
  const response = await person.request(`${MINE}/options`, { method: "POST", body });
  expect(response.status).toBe(200);
  return response.json();
}

async function addPasskey(person: SignedIn, name = "Laptop"): Promise<{ device: SoftAuthenticator; id: string }> {
  const device = new SoftAuthenticator();
  const { ticket, public_key } = await begin(person);
  const credential = await device.create(public_key, { origin: ORIGIN });
  const response = await person.request(MINE, { method: "POST", body: { ticket, name, credential } });
  expect(response.status).toBe(201);
  return { device, id: (await response.json<{ id: string }>()).id };
}

async function challenge(): Promise<z.infer<typeof passkeyRequest>> {
  return (await test.anonymous(`${LOGIN}/options`, { method: "POST" })).json();
}

async function signIn(device: SoftAuthenticator, change: { origin?: string; verifies?: boolean } = {}) {
  const { ticket, public_key } = await challenge();
  const credential = await device.sign(public_key, { origin: ORIGIN, ...change });
  return send({ ticket, credential });
}

function send(body: object): Promise<Response> {
  return test.anonymous(LOGIN, { method: "POST", body });
}

describe("a passkey", () => {
  it("is made, signs in without a name, and counts as both factors", async () => {
    const person = await test.addUser("grace");
    const { device, id } = await addPasskey(person, "Grace's phone");
    const response = await signIn(device);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ id: person.userId });
    const cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
    expect((await test.anonymous("/api/v2/users/me", { headers: { cookie } })).status).toBe(200);
    const list = await (await person.request(MINE)).json();
    expect(list).toEqual([
      {
        id,
        name: "Grace's phone",
        backed_up: false,
        created_at: new Date(clock.now).toISOString(),
        last_used_at: new Date(clock.now).toISOString(),
      },
    ]);
    const lines = await db.select().from(auditLogs).where(eq(auditLogs.resourceId, person.userId));
    expect(lines.map(({ action, diff }) => ({ action, diff }))).toEqual([
      { action: "write", diff: { passkey: { old: null, new: "Grace's phone" } } },
      { action: "login", diff: { method: { new: "passkey" } } },
    ]);
  });

  it("asks for a discoverable one of this host, not where there is one already", async () => {
    const person = await test.addUser("asker");
    const { device } = await addPasskey(person);
    expect((await begin(person)).public_key).toMatchObject({
      rp: { id: "localhost" },
      user: { id: Buffer.from(person.userId).toString("base64url"), name: "asker@example.com" },
      attestation: "none",
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      excludeCredentials: [{ id: device.credentialId }],
    });
    expect((await challenge()).public_key).toMatchObject({ rpId: "localhost", userVerification: "required" });
  });

  it("is refused when made or used on another site, for another challenge, or without asking who it is", async () => {
    const person = await test.addUser("target");
    const { ticket, public_key } = await begin(person);
    const make = async (credential: object) =>
      (await person.request(MINE, { method: "POST", body: { ticket, name: "x", credential } })).status;
    const device = new SoftAuthenticator();
    expect(await make(await device.create(public_key, { origin: "https://evil.example.org" }))).toBe(400);
    expect(await make(await device.create(public_key, { origin: ORIGIN, verifies: false }))).toBe(400);
    const { public_key: other } = await begin(person);
    expect(await make(await device.create(other, { origin: ORIGIN }))).toBe(400);
    const elsewhere = { ...public_key, rp: { ...public_key.rp, id: "evil.example.org" } };
    expect(await make(await device.create(elsewhere, { origin: ORIGIN }))).toBe(400);
    expect(await make({ ...(await device.create(public_key, { origin: ORIGIN })), response: {} })).toBe(400);

    const { device: own } = await addPasskey(person);
    expect((await signIn(own, { origin: "https://evil.example.org" })).status).toBe(401);
    expect((await signIn(own, { verifies: false })).status).toBe(401);
    const first = await challenge();
    const second = await challenge();
    const credential = await own.sign(second.public_key, { origin: ORIGIN });
    expect((await send({ ticket: first.ticket, credential })).status).toBe(401);
    expect((await send({ ticket: "v1.AAAA.BBBB", credential })).status).toBe(401);
    const { response } = credential;
    const forged = { ...credential, response: { ...response, signature: response.signature.slice(0, -4) + "AAAA" } };
    expect((await send({ ticket: second.ticket, credential: forged })).status).toBe(401);
    const handle = { ...credential, response: { ...response, userHandle: Buffer.from("x").toString("base64url") } };
    expect((await send({ ticket: second.ticket, credential: handle })).status).toBe(401);
    expect((await send({ ticket: second.ticket, credential })).status).toBe(200);
  });

  it("takes a challenge once, and not for long", async () => {
    const person = await test.addUser("replayed");
    const { device } = await addPasskey(person);
    const { ticket, public_key } = await challenge();
    const credential = await device.sign(public_key, { origin: ORIGIN });
    // The authenticator always says 0 here, so that only the ticket is in the way.
    await db.update(passkeys).set({ counter: 0 }).where(eq(passkeys.userId, person.userId));
    const statuses = (await Promise.all([1, 2, 3].map(() => send({ ticket, credential })))).map(({ status }) => status);
    expect(statuses.sort((a, b) => a - b)).toEqual([200, 401, 401]);

    const late = await challenge();
    const signed = await device.sign(late.public_key, { origin: ORIGIN });
    clock.now += 6 * 60_000;
    expect((await send({ ticket: late.ticket, credential: signed })).status).toBe(401);
  });

  it("is refused when there are two of it: the counter did not rise", async () => {
    const person = await test.addUser("cloned");
    const { device } = await addPasskey(person);
    expect((await signIn(device)).status).toBe(200);
    expect((await signIn(device)).status).toBe(200);
    device.counter = 0;
    expect((await signIn(device)).status).toBe(401);
  });

  it("signs nobody in who is suspended or deleted, or whose passkey is gone", async () => {
    const person = await test.addUser("ended");
    const { device, id } = await addPasskey(person);
    const set = (change: Partial<typeof users.$inferInsert>) =>
      db.update(users).set(change).where(eq(users.id, person.userId));
    await set({ status: "suspended" });
    const refused = await signIn(device);
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ title: "This account is suspended." });
    await set({ status: "active", deleted: true });
    expect((await signIn(device)).status).toBe(401);
    await set({ deleted: false });
    expect((await person.request(`${MINE}/${id}`, { method: "DELETE" })).status).toBe(204);
    expect(await (await signIn(device)).json()).toMatchObject({
      status: 401,
      title: "This passkey is not known here.",
    });
  });

  it("is known to one account only", async () => {
    const [first, second] = [await test.addUser("first"), await test.addUser("second")];
    const device = new SoftAuthenticator();
    const add = async (person: SignedIn) => {
      const { ticket, public_key } = await begin(person);
      const credential = await device.create(public_key, { origin: ORIGIN });
      return (await person.request(MINE, { method: "POST", body: { ticket, name: "x", credential } })).status;
    };
    expect(await add(first)).toBe(201);
    expect(await add(second)).toBe(409);
  });

  it("is its owner's to rename and delete, and nobody else's", async () => {
    const person = await test.addUser("keeper");
    const { id } = await addPasskey(person);
    const path = `${MINE}/${id}`;
    const renamed = await person.request(path, { method: "PATCH", body: { name: " Desk " } });
    expect(await renamed.json()).toMatchObject({ id, name: "Desk" });
    expect((await person.request(path, { method: "PATCH", body: { name: "" } })).status).toBe(400);

    const stranger = await test.addUser("stranger");
    expect((await stranger.request(path, { method: "DELETE" })).status).toBe(404);
    const theirs = `/api/v2/users/${person.userId}/passkeys`;
    expect((await stranger.request(theirs)).status).toBe(404);
    expect((await stranger.request(`${theirs}/${id}`, { method: "DELETE" })).status).toBe(404);
    // An owner of the deployment sees that there is one and cannot make one: it would be a way in.
    expect((await owner.request(theirs)).status).toBe(200);
    expect((await owner.request(`${theirs}/options`, { method: "POST", body: {} })).status).toBe(403);
    expect((await owner.request(`${theirs}/${id}`, { method: "DELETE" })).status).toBe(403);
    expect((await test.anonymous(theirs)).status).toBe(401);
  });

  it("is looked at by its owner and by who may change the account, not by all who know of it", async () => {
    const person = await test.addUser("looked-at");
    const look = async (roles: SiteRole[]) => {
      const client = await test.addUser(`looks-as-${roles.at(-1)}`, roles);
      const paths = ["passkeys", "sign-in-methods"].map((path) => `/api/v2/users/${person.userId}/${path}`);
      return Promise.all(paths.map(async (path) => (await client.request(path)).status));
    };
    expect(await look(["member"])).toEqual([404, 404]);
    expect(await look(["member", "auditor"])).toEqual([403, 403]);
    expect(await look(["member", "user-admin"])).toEqual([200, 200]);
  });

  it("is made by nobody who only holds an API token, or a session of long ago", async () => {
    const person = await test.addUser("careful");
    const token = await test.withToken(person);
    expect((await token.request(`${MINE}/options`, { method: "POST", body: {} })).status).toBe(403);
    expect((await token.request(`${MINE}`)).status).toBe(200);

    clock.now += 16 * 60_000;
    const options = (body: object) => person.request(`${MINE}/options`, { method: "POST", body });
    expect(await (await options({})).json()).toMatchObject({ status: 403, title: "Sign in again first." });
    const passwordHash = await hashPassword("the person's password");
    await db.update(users).set({ passwordHash }).where(eq(users.id, person.userId));
    const wrong = await options({ password: "not the password" });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ errors: [{ pointer: "/password" }] });
    expect((await options({})).status).toBe(400);
    expect((await options({ password: "the person's password" })).status).toBe(200);
  });

  it("stops at twenty, also for those that come at once", async () => {
    const person = await test.addUser("collector");
    const row = (index: number) => ({
      id: crypto.randomUUID(),
      userId: person.userId,
      credentialId: `c${index}-${person.userId}`,
      publicKey: "",
      counter: 0,
      transports: [],
      backedUp: false,
      name: String(index),
      createdAt: clock.now,
    });
    for (let index = 0; index < 19; index++) await db.insert(passkeys).values(row(index));
    const attempts = [new SoftAuthenticator(), new SoftAuthenticator(), new SoftAuthenticator()].map(async (device) => {
      const { ticket, public_key } = await begin(person);
      const credential = await device.create(public_key, { origin: ORIGIN });
      return (await person.request(MINE, { method: "POST", body: { ticket, name: "x", credential } })).status;
    });
    expect((await Promise.all(attempts)).sort((a, b) => a - b)).toEqual([201, 409, 409]);
  });

  it("can be tried a hundred times in a quarter of an hour from one address", async () => {
    const headers = { "cf-connecting-ip": "198.51.100.77" };
    const { ticket, public_key } = await challenge();
    const device = new SoftAuthenticator();
    await device.create((await begin(await test.addUser("unsaved"))).public_key, { origin: ORIGIN });
    const body = { ticket, credential: await device.sign(public_key, { origin: ORIGIN }) };
    const tries = await Promise.all(
      Array.from({ length: 103 }, () => test.anonymous(LOGIN, { method: "POST", body, headers })),
    );
    const refused = tries.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(3);
    expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});
