import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { auditLogs } from "../../src/audit/schema.ts";
import { hashPassword } from "../../src/identity/password.ts";
import { rateCounters, users } from "../../src/identity/schema.ts";
import { recoveryCodes, secondFactors } from "../../src/identity/second-factor/schema.ts";
import { totpCode } from "../../src/identity/second-factor/totp.ts";
import { organizationMembers } from "../../src/organizations/schema.ts";
import { getTestApp, type SignedIn } from "../support/app.ts";

const test = await getTestApp();
const { db, clock, owner } = test;
const MINE = "/api/v2/users/me/second-factor";
const PASSWORD = "the person's password";
const passwordHash = await hashPassword(PASSWORD);
const STEP_MS = 30_000;

beforeEach(() => db.delete(rateCounters));

const codeNow = (secret: string, steps = 0) => totpCode(secret, Math.floor(clock.now / STEP_MS) + steps);
/** The next code of the app: each works once. */
const wait = () => (clock.now += STEP_MS);

async function addPerson(username: string): Promise<SignedIn> {
  const person = await test.addUser(username);
  await db.update(users).set({ passwordHash, loginType: "password" }).where(eq(users.id, person.userId));
  return person;
}

function post(person: SignedIn, path: string, body: object): Promise<Response> {
  return person.request(path, { method: "POST", body });
}

async function turnOn(person: SignedIn): Promise<{ secret: string; codes: string[] }> {
  const offer = await (await post(person, MINE, {})).json<{ ticket: string; secret: string; url: string }>();
  const response = await post(person, `${MINE}/confirm`, { ticket: offer.ticket, code: codeNow(offer.secret) });
  expect(response.status).toBe(201);
  wait();
  return { secret: offer.secret, codes: (await response.json<{ recovery_codes: string[] }>()).recovery_codes };
}

async function withPassword(login: string): Promise<{ ticket: string; methods: string[] }> {
  const response = await test.anonymous("/api/v2/users/login", { method: "POST", body: { login, password: PASSWORD } });
  expect(response.status).toBe(202);
  expect(response.headers.get("set-cookie")).toBeNull();
  return (await response.json<{ second_factor: { ticket: string; methods: string[] } }>()).second_factor;
}

function withCode(ticket: string, code: string): Promise<Response> {
  return test.anonymous("/api/v2/users/login/second-factor", { method: "POST", body: { ticket, code } });
}

describe("turning the second factor on", () => {
  it("takes a code that proves that the app has the secret, which is kept sealed", async () => {
    const person = await addPerson("grace");
    const offer = await (await post(person, MINE, {})).json<{ ticket: string; secret: string; url: string }>();
    expect(offer.url).toBe(`otpauth://totp/Tideline:grace%40example.com?secret=${offer.secret}&issuer=Tideline`);
    expect(await db.select().from(secondFactors)).toEqual([]);
    const wrong = await post(person, `${MINE}/confirm`, { ticket: offer.ticket, code: codeNow(offer.secret, 5) });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ errors: [{ pointer: "/code" }] });

    const right = await post(person, `${MINE}/confirm`, { ticket: offer.ticket, code: codeNow(offer.secret) });
    const { recovery_codes: codes } = await right.json<{ recovery_codes: string[] }>();
    expect(codes).toHaveLength(10);
    for (const code of codes) expect(code).toMatch(/^[a-z2-7]{5}-[a-z2-7]{5}$/);
    const stored = JSON.stringify([await db.select().from(secondFactors), await db.select().from(recoveryCodes)]);
    for (const secret of [offer.secret, ...codes, ...codes.map((code) => code.replace("-", ""))])
      expect(stored).not.toContain(secret);
    const [line] = await db.select().from(auditLogs).where(eq(auditLogs.resourceId, person.userId));
    expect(line?.diff).toEqual({ second_factor: { old: "off", new: "on" } });
    expect((await post(person, MINE, {})).status).toBe(409);
    const methods = await (await person.request("/api/v2/users/me/sign-in-methods")).json();
    expect(methods).toMatchObject({ has_password: true, second_factor: { recovery_codes_left: 10 } });
  });

  it("is for an account with a password, by the person themselves, signed in just now", async () => {
    const none = await test.addUser("none");
    expect((await post(none, MINE, {})).status).toBe(409);
    const person = await addPerson("slow");
    expect((await post(owner, `/api/v2/users/${person.userId}/second-factor`, {})).status).toBe(403);
    const token = await test.withToken(person);
    expect((await token.request(MINE, { method: "POST", body: {} })).status).toBe(403);
    const { ticket, secret } = await (await post(person, MINE, {})).json<{ ticket: string; secret: string }>();
    const other = await addPerson("other");
    expect((await post(other, `${MINE}/confirm`, { ticket, code: codeNow(secret) })).status).toBe(400);
    clock.now += 31 * 60_000;
    expect((await post(person, `${MINE}/confirm`, { ticket, code: codeNow(secret) })).status).toBe(400);
    expect((await post(person, MINE, {})).status).toBe(400);
    expect((await post(person, MINE, { password: PASSWORD })).status).toBe(200);
  });

  it("is turned on once when two confirm at once, and the codes shown are those that work", async () => {
    const person = await addPerson("double");
    const offers = await Promise.all(
      [1, 2].map(async () => (await post(person, MINE, {})).json<{ ticket: string; secret: string }>()),
    );
    const answers = await Promise.all(
      offers.map(({ ticket, secret }) => post(person, `${MINE}/confirm`, { ticket, code: codeNow(secret) })),
    );
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 409]);
    const won = answers.find(({ status }) => status === 201);
    const { recovery_codes: codes } = (await won?.json<{ recovery_codes: string[] }>()) ?? { recovery_codes: [] };
    const { ticket } = await withPassword("double");
    expect((await withCode(ticket, codes[0] ?? "")).status).toBe(200);
  });
});

describe("signing in with a second factor", () => {
  it("takes the password, then a code, and only then there is a session", async () => {
    const person = await addPerson("two");
    const { secret } = await turnOn(person);
    const { ticket, methods } = await withPassword("two");
    expect(methods).toEqual(["totp", "recovery_code"]);
    const wrong = await withCode(ticket, codeNow(secret, 7));
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get("set-cookie")).toBeNull();
    const code = codeNow(secret);
    const response = await withCode(ticket, `${code.slice(0, 3)} ${code.slice(3)}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ id: person.userId });
    expect(response.headers.get("set-cookie")).toContain("tideline_session=");
    const lines = await db.select().from(auditLogs).where(eq(auditLogs.resourceId, person.userId));
    expect(lines.map(({ action }) => action)).toEqual(["write", "login_failed", "login"]);
  });

  it("takes no code twice, also not at once, and none from before", async () => {
    const person = await addPerson("replay");
    const { secret } = await turnOn(person);
    const code = codeNow(secret);
    const tickets = await Promise.all([1, 2, 3].map(() => withPassword("replay")));
    const answers = await Promise.all(tickets.map(({ ticket }) => withCode(ticket, code)));
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 401, 401]);
    const { ticket } = await withPassword("replay");
    expect((await withCode(ticket, codeNow(secret, -1))).status).toBe(401);
    expect((await withCode(ticket, codeNow(secret, 1))).status).toBe(200);
  });

  it("takes a ticket once, for minutes, and for the password that it was given for", async () => {
    const person = await addPerson("tickets");
    const { secret } = await turnOn(person);
    const used = await withPassword("tickets");
    expect((await withCode(used.ticket, codeNow(secret))).status).toBe(200);
    wait();
    expect((await withCode(used.ticket, codeNow(secret))).status).toBe(401);

    const late = await withPassword("tickets");
    clock.now += 6 * 60_000;
    expect((await withCode(late.ticket, codeNow(secret))).status).toBe(401);

    const before = await withPassword("tickets");
    const { key } = await test.withToken(person);
    for (const ticket of ["", "v1.AAAA.BBBB", key, before.ticket.slice(0, -2)])
      expect((await withCode(ticket, codeNow(secret))).status).toBeGreaterThanOrEqual(400);
    await db
      .update(users)
      .set({ passwordHash: await hashPassword("another password") })
      .where(eq(users.id, person.userId));
    expect((await withCode(before.ticket, codeNow(secret))).status).toBe(401);
  });

  it("takes each recovery code once, however it is typed", async () => {
    const person = await addPerson("lost");
    const { codes } = await turnOn(person);
    const [first = "", second = ""] = codes;
    const one = await withPassword("lost");
    expect((await withCode(one.ticket, ` ${first.toUpperCase().replace("-", " ")} `)).status).toBe(200);
    const two = await withPassword("lost");
    expect((await withCode(two.ticket, first)).status).toBe(401);
    const answers = await Promise.all([withCode(two.ticket, second), withCode(two.ticket, second)]);
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 401]);
    const methods = await (await person.request("/api/v2/users/me/sign-in-methods")).json();
    expect(methods).toMatchObject({ second_factor: { recovery_codes_left: 8 } });
  });

  it("makes guessing slow, from wherever and with however many tickets, and says how long", async () => {
    const person = await addPerson("guessed");
    const { secret } = await turnOn(person);
    const tickets = await Promise.all(Array.from({ length: 9 }, () => withPassword("guessed")));
    const answers = await Promise.all(tickets.map(({ ticket }) => withCode(ticket, codeNow(secret, 9))));
    const statuses = answers.map(({ status }) => status).sort((a, b) => a - b);
    expect(statuses).toEqual([...Array<number>(6).fill(401), ...Array<number>(3).fill(429)]);
    const refused = answers.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get("retry-after"))).toBe(60);
    const { ticket } = await withPassword("guessed");
    expect((await withCode(ticket, codeNow(secret))).status).toBe(429);
    clock.now += 61_000;
    expect((await withCode(ticket, codeNow(secret, 9))).status).toBe(401);
    clock.now += 61_000;
    expect((await withCode(ticket, codeNow(secret))).status).toBe(429);
    clock.now += 60_000;
    expect((await withCode(ticket, codeNow(secret))).status).toBe(200);
    // The right one ends it.
    const again = await withPassword("guessed");
    wait();
    expect((await withCode(again.ticket, codeNow(secret, 9))).status).toBe(401);
    expect((await withCode(again.ticket, codeNow(secret))).status).toBe(200);
    await db.update(secondFactors).set({ failures: 500 }).where(eq(secondFactors.userId, person.userId));
    const last = await withPassword("guessed");
    expect((await withCode(last.ticket, "000000")).status).toBe(401);
    expect(Number((await withCode(last.ticket, "000000")).headers.get("retry-after"))).toBe(3600);
  });

  it("is refused to who was suspended in between", async () => {
    const person = await addPerson("between");
    const { secret } = await turnOn(person);
    const { ticket } = await withPassword("between");
    await db.update(users).set({ status: "suspended" }).where(eq(users.id, person.userId));
    const response = await withCode(ticket, codeNow(secret));
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ title: "This account is suspended." });
  });
});

describe("turning it off", () => {
  it("takes a code, and the password alone signs in again", async () => {
    const person = await addPerson("off");
    const { secret } = await turnOn(person);
    expect((await post(person, `${MINE}/disable`, { code: codeNow(secret, 8) })).status).toBe(400);
    expect((await post(person, `${MINE}/disable`, { code: codeNow(secret) })).status).toBe(204);
    const response = await test.anonymous("/api/v2/users/login", {
      method: "POST",
      body: { login: "off", password: PASSWORD },
    });
    expect(response.status).toBe(200);
    expect(await db.select().from(recoveryCodes).where(eq(recoveryCodes.userId, person.userId))).toEqual([]);
  });

  it("gives new recovery codes for a code; the old ones are gone", async () => {
    const person = await addPerson("renews");
    const { secret, codes: old } = await turnOn(person);
    expect((await post(person, `${MINE}/recovery-codes`, { code: "123 456" })).status).toBe(400);
    const response = await post(person, `${MINE}/recovery-codes`, { code: codeNow(secret) });
    const { recovery_codes: codes } = await response.json<{ recovery_codes: string[] }>();
    const { ticket } = await withPassword("renews");
    expect((await withCode(ticket, old[0] ?? "")).status).toBe(401);
    expect((await withCode(ticket, codes[0] ?? "")).status).toBe(200);
  });

  it("is an admin's to do for somebody who lost it, unless the account may do more than they", async () => {
    const person = await addPerson("locked-out");
    await turnOn(person);
    const admin = await test.addUser("helper", ["member", "user-admin"]);
    const path = (who: string) => `/api/v2/users/${who}/second-factor`;
    const remove = (by: SignedIn, who: string) => by.request(path(who), { method: "DELETE" });
    expect((await remove(await test.addUser("bystander"), "locked-out")).status).toBe(404);
    expect((await remove(admin, "locked-out")).status).toBe(204);
    expect((await remove(admin, "locked-out")).status).toBe(404);
    const [line] = await db.select().from(auditLogs).where(eq(auditLogs.userId, admin.userId));
    expect(line).toMatchObject({ resourceId: person.userId, diff: { second_factor: { old: "on", new: "off" } } });

    const keeper = await addPerson("keeper");
    await turnOn(keeper);
    await db
      .update(organizationMembers)
      .set({ roles: ["organization-admin"] })
      .where(eq(organizationMembers.userId, keeper.userId));
    expect((await remove(admin, "keeper")).status).toBe(403);
    expect((await remove(owner, "keeper")).status).toBe(204);

    await turnOn(await test.signIn(owner.userId, owner.username));
    expect((await remove(admin, "ada")).status).toBe(403);
    expect((await remove(owner, "me")).status).toBe(403);
    expect(await db.select().from(secondFactors).where(eq(secondFactors.userId, owner.userId))).toHaveLength(1);
  });
});
