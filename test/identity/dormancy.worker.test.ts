import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { rateCounters, users, userStatusChanges } from "../../src/identity/schema.ts";
import { sweepAccounts } from "../../src/identity/sweep.ts";
import { limitRate } from "../../src/platform/rate-limit.ts";
import { getTestApp } from "../support/app.ts";

const test = await getTestApp();
const { db, owner, clock } = test;
const DAY_MS = 86_400_000;

async function lastSeen(userId: string, daysAgo: number): Promise<void> {
  await db
    .update(users)
    .set({ lastSeenAt: clock.now - daysAgo * DAY_MS, createdAt: clock.now - 400 * DAY_MS })
    .where(eq(users.id, userId));
}

async function statusOf(userId: string) {
  const row = await db.select({ status: users.status }).from(users).where(eq(users.id, userId)).get();
  return row?.status;
}

async function history(userId: string) {
  const rows = await db
    .select()
    .from(userStatusChanges)
    .where(eq(userStatusChanges.userId, userId))
    .orderBy(userStatusChanges.changedAt);
  return rows.map((row) => row.newStatus);
}

const sweep = () => sweepAccounts(db, clock.now);

describe("somebody who has not been here for 90 days", () => {
  it("is dormant, once, and who was here is not", async () => {
    const [gone, here, never] = [await test.addUser("gone"), await test.addUser("here"), await test.addUser("never")];
    await lastSeen(gone.userId, 90);
    await lastSeen(here.userId, 89);
    await db
      .update(users)
      .set({ lastSeenAt: null, createdAt: clock.now - 91 * DAY_MS })
      .where(eq(users.id, never.userId));
    await sweep();
    await sweep();
    expect(await Promise.all([gone, here, never].map((each) => statusOf(each.userId)))).toEqual([
      "dormant",
      "active",
      "dormant",
    ]);
    expect(await history(gone.userId)).toEqual(["active", "dormant"]);
  });

  it("is active again as soon as a session or a token is used", async () => {
    for (const way of ["session", "token"]) {
      const person = await test.addUser(`back-by-${way}`);
      const client = way === "session" ? person : await test.withToken(person);
      // Used a moment ago, so that nothing but waking is due.
      await client.request("/api/v2/users/me");
      await lastSeen(person.userId, 120);
      await sweep();
      expect(await statusOf(person.userId)).toBe("dormant");
      expect((await client.request("/api/v2/users/me")).status).toBe(200);
      expect(await statusOf(person.userId)).toBe("active");
      expect(await history(person.userId)).toEqual(["active", "dormant", "active"]);
      await sweep();
      expect(await statusOf(person.userId)).toBe("active");
    }
  });

  it("stays active as a service account, and suspended when suspended", async () => {
    const [robot, held] = [await test.addUser("robot"), await test.addUser("held")];
    await db.update(users).set({ isServiceAccount: true }).where(eq(users.id, robot.userId));
    await db.update(users).set({ status: "suspended" }).where(eq(users.id, held.userId));
    for (const { userId } of [robot, held]) await lastSeen(userId, 365);
    await sweep();
    expect(await statusOf(robot.userId)).toBe("active");
    expect(await statusOf(held.userId)).toBe("suspended");
  });

  it("stays active as the last owner, the one who was here last", async () => {
    const other = await test.addUser("co-owner", ["owner", "member"]);
    await lastSeen(owner.userId, 100);
    await lastSeen(other.userId, 101);
    await sweep();
    expect([await statusOf(owner.userId), await statusOf(other.userId)]).toEqual(["active", "dormant"]);
  });
});

describe("the sweep", () => {
  it("removes counters whose window has ended, and no others", async () => {
    await limitRate(db, "short", { limit: 1, windowMs: 1_000 }, clock.now);
    await limitRate(db, "long", { limit: 1, windowMs: 60_000 }, clock.now);
    await sweepAccounts(db, clock.now + 1_000);
    const left = await db.select().from(rateCounters).where(eq(rateCounters.count, 1));
    expect(left.map((row) => row.key)).toEqual(["long"]);
  });
});
