import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { filter } from "../../src/access/filter.ts";
import { selectAudit } from "../../src/audit/records.ts";
import { auditLogs } from "../../src/audit/schema.ts";
import { auditLogResponse, type AuditAction, type AuditLog } from "../../src/contract/audit.ts";
import { readActor } from "../../src/identity/actors.ts";
import { DEFAULT_ORGANIZATION_ID, organizationMembers, organizations } from "../../src/organizations/schema.ts";
import { newId } from "../../src/platform/ids.ts";
import { getTestApp, type Client } from "../support/app.ts";
import { and, eq } from "drizzle-orm";

const test = await getTestApp();
const { db } = test;
const START = Date.UTC(2026, 0, 1);
const OTHER = newId();

async function insertLine(minute: number, change: Partial<typeof auditLogs.$inferInsert> = {}): Promise<string> {
  const id = newId();
  await db.insert(auditLogs).values({
    id,
    time: START + minute * 60_000,
    userId: test.owner.userId,
    action: "write",
    resourceType: "setting",
    resourceId: "prompt",
    resourceTarget: "system prompt",
    diff: {},
    ...change,
  });
  return id;
}

async function read(client: Client, query = ""): Promise<{ lines: AuditLog[]; count: number; link: string | null }> {
  const response = await client.request(`/api/v2/audit?to=2026-06-01T00:00:00Z${query}`);
  expect(response.status).toBe(200);
  const { audit_logs: lines, count } = auditLogResponse.parse(await response.json());
  return { lines, count, link: response.headers.get("link") };
}

let auditor: Client;
let ofOrganization: Client;
beforeAll(async () => {
  const now = test.clock.now;
  await db
    .insert(organizations)
    .values({ id: OTHER, name: "other", displayName: "Other", createdAt: now, updatedAt: now });
  auditor = await test.addUser("auditor", ["member", "auditor"]);
  ofOrganization = await test.addUser("inspector");
  await db
    .update(organizationMembers)
    .set({ roles: ["organization-auditor"] })
    .where(
      and(
        eq(organizationMembers.userId, ofOrganization.userId),
        eq(organizationMembers.organizationId, DEFAULT_ORGANIZATION_ID),
      ),
    );
  // Most of it is none of the organisation auditor's business.
  for (let minute = 0; minute < 30; minute++) {
    await insertLine(minute, {
      organizationId: minute % 5 === 0 ? DEFAULT_ORGANIZATION_ID : minute % 2 ? OTHER : null,
    });
  }
});

describe("who reads the log", () => {
  it("is an auditor of the site: all of it", async () => {
    expect((await read(auditor)).count).toBe(30);
    expect((await read(test.owner)).count).toBe(30);
  });

  it("is an auditor of an organisation: full pages of its lines alone", async () => {
    const { lines, count } = await read(ofOrganization, "&limit=5");
    expect(count).toBe(6);
    expect(lines).toHaveLength(5);
    expect(new Set(lines.map((line) => line.organization_id))).toEqual(new Set([DEFAULT_ORGANIZATION_ID]));
    expect((await read(ofOrganization, `&organization=${OTHER}`)).count).toBe(0);
  });

  it("is nobody else", async () => {
    const member = await test.addUser("plain");
    expect((await member.request("/api/v2/audit")).status).toBe(403);
    expect((await member.request("/api/v2/audit/export")).status).toBe(403);
    expect((await test.anonymous("/api/v2/audit")).status).toBe(401);
  });
});

describe("the list", () => {
  it("is newest first, and its pages meet without a gap or a repeat", async () => {
    const seen: string[] = [];
    let path: string | null = "/api/v2/audit?to=2026-06-01T00:00:00Z&limit=7";
    while (path !== null) {
      const response = await auditor.request(path);
      seen.push(...auditLogResponse.parse(await response.json()).audit_logs.map((line) => line.time));
      path = /<(.*?)>/.exec(response.headers.get("link") ?? "")?.[1] ?? null;
    }
    expect(seen).toHaveLength(30);
    expect(seen).toEqual([...seen].sort().reverse());
  });

  it("can be asked by person, action, kind of object, time and words", async () => {
    const eve = await test.addUser("eve-the-second");
    await insertLine(100, { userId: eve.userId, action: "share" satisfies AuditAction, resourceTarget: "50% done_" });
    await insertLine(101, { userId: eve.userId, resourceType: "provider", resourceTarget: "50 of 100" });
    const names = async (query: string) => (await read(auditor, query)).lines.map((line) => line.resource_target);
    expect(await names("&user=EVE-the-second")).toEqual(["50 of 100", "50% done_"]);
    expect(await names(`&user=${eve.userId}&action=share`)).toEqual(["50% done_"]);
    expect(await names("&resource_type=provider")).toEqual(["50 of 100"]);
    expect(await names("&q=50%25")).toEqual(["50% done_"]);
    expect(await names("&q=DONE_")).toEqual(["50% done_"]);
    expect(await names("&q=eve-the")).toEqual(["50 of 100", "50% done_"]);
    expect(await names("&from=2026-01-01T01:41:00Z")).toEqual(["50 of 100"]);
    expect((await read(auditor, "&user=eve-the-second")).lines[0]?.description).toBe(
      "eve-the-second changed the provider “50 of 100”.",
    );
  });

  it("refuses what it does not know", async () => {
    for (const query of ["action=fly", "from=yesterday", "after_id=nobody", "colour=red", "resource_type=cat"]) {
      expect((await auditor.request(`/api/v2/audit?${query}`)).status, query).toBe(400);
    }
  });

  it("comes out of an index", async () => {
    const actor = await readActor(db, auditor.userId, { sessionId: null, keyId: null, scopes: ["all"] });
    if (actor === null) throw new Error("There is no auditor");
    const question = {
      readable: filter(actor, "read", "audit_log", { organization: auditLogs.organizationId }),
      text: null,
      user: null,
      action: null,
      resourceType: null,
      organizationId: null,
      from: null,
      to: null,
    };
    const { sql, params } = selectAudit(db, question, { after: { id: newId(), time: START }, limit: 50 }).toSQL();
    const plan = await env.DB.prepare(`explain query plan ${sql}`)
      .bind(...params)
      .all<{ detail: string }>();
    const text = plan.results.map((row) => row.detail).join("\n");
    expect(text).toContain("USING INDEX audit_logs_time");
    expect(text).not.toContain("TEMP B-TREE");
  });
});

it("is written as CSV that no spreadsheet runs, with the same filters", async () => {
  await insertLine(200, { action: "create", resourceTarget: '=HYPERLINK("http://evil")' });
  const response = await auditor.request("/api/v2/audit/export?action=create&to=2026-06-01T00:00:00Z");
  expect(response.headers.get("content-type")).toContain("text/csv");
  expect(response.headers.get("content-disposition")).toMatch(/^attachment; filename="audit-log-[\d-]+\.csv"$/);
  const lines = (await response.text()).trimEnd().split("\r\n");
  expect(lines[0]).toMatch(/^time,user,action/);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain('"\'=HYPERLINK(""http://evil"")"');
  const whole = await auditor.request("/api/v2/audit/export?to=2026-06-01T00:00:00Z");
  expect((await whole.text()).trimEnd().split("\r\n").length).toBeGreaterThan(30);
});

it("cannot be changed or deleted by anybody", async () => {
  const id = await insertLine(300);
  await expect(db.update(auditLogs).set({ ip: "1" }).where(eq(auditLogs.id, id))).rejects.toThrow();
  await expect(db.delete(auditLogs).where(eq(auditLogs.id, id))).rejects.toThrow();
});
