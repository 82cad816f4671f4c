import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { user as userSchema, usersResponse, type User } from "../../src/contract/identity.ts";
import { selectUsers } from "../../src/identity/user-list.ts";
import { newId } from "../../src/platform/ids.ts";
import { getTestApp, type Client } from "../support/app.ts";

const test = await getTestApp();
const { db, owner } = test;
const admin = await test.addUser("una", ["member", "user-admin"]);
const auditor = await test.addUser("audrey", ["member", "auditor"]);
const grace = await test.addUser("grace");

async function person(username: string, more: object = {}): Promise<User> {
  const body = { username, email: `${username}@example.com`, password: "a long enough password", ...more };
  const response = await admin.request("/api/v2/users", { method: "POST", body });
  expect(response.status).toBe(201);
  return userSchema.parse(await response.json());
}

describe("GET /users", () => {
  async function list(client: Client, query = "") {
    const response = await client.request(`/api/v2/users${query}`);
    expect(response.status).toBe(200);
    const { users: page, count } = usersResponse.parse(await response.json());
    return { names: page.map((each) => each.username), count, link: response.headers.get("link") };
  }

  it("shows all to those who may read people, and everybody else themselves", async () => {
    for (const client of [owner, admin, auditor]) expect((await list(client)).names).toContain("grace");
    expect(await list(grace)).toEqual({ names: ["grace"], count: 1, link: null });
    expect((await list(owner)).names).not.toContain("system");
  });

  it("pages through all of them by name, and counts what it finds", async () => {
    for (const name of ["page-b", "Page-a", "page-c"]) await person(name);
    const seen: string[] = [];
    let path: string | null = "?q=PAGE-&limit=2";
    while (path !== null) {
      const page = await list(admin, path);
      expect(page.count).toBe(3);
      seen.push(...page.names);
      path = page.link === null ? null : (/users(\?.+)>/.exec(page.link)?.[1] ?? null);
    }
    expect(seen).toEqual(["Page-a", "page-b", "page-c"]);
    expect((await admin.request(`/api/v2/users?after_id=${newId()}`)).status).toBe(400);
    expect((await grace.request(`/api/v2/users?after_id=${admin.userId}`)).status).toBe(400);
  });

  it("takes every sign of the question literally", async () => {
    await person("percent", { name: "100 % sure_thing" });
    expect((await list(admin, `?q=${encodeURIComponent("% sure_")}`)).names).toEqual(["percent"]);
    expect((await list(admin, `?q=${encodeURIComponent("sure%thing")}`)).names).toEqual([]);
    expect((await list(admin, `?q=${"long".repeat(40)}`)).names).toEqual([]);
  });

  it("reads a page by the index on names, however many there are", async () => {
    const query = selectUsers(db, sql`true`, {}, { after: "grace", limit: 25 }).toSQL();
    const plan = await test.env.DB.prepare(`explain query plan ${query.sql}`)
      .bind(...query.params)
      .all<{ parent: number; detail: string }>();
    // Beside the organisations of each row, which are few: no other step, so no sorting.
    const steps = plan.results.filter((row) => row.parent === 0).map((row) => row.detail.replace(/ \d+$/, ""));
    expect(steps).toEqual(["SEARCH users USING INDEX users_username (<expr>>?)", "CORRELATED SCALAR SUBQUERY"]);
  });

  it("narrows by status, role and kind", async () => {
    expect((await list(admin, "?role=auditor&q=audrey")).names).toEqual(["audrey"]);
    const robot = { username: "robot", service_account: true };
    expect((await admin.request("/api/v2/users", { method: "POST", body: robot })).status).toBe(201);
    expect((await list(admin, "?service_account=true&q=robot")).names).toEqual(["robot"]);
    expect((await list(admin, "?service_account=false&q=robot")).names).toEqual([]);
    const held = await person("held");
    await admin.request(`/api/v2/users/${held.id}/status/suspend`, { method: "PUT" });
    expect((await list(admin, "?status=suspended")).names).toEqual(["held"]);
    expect((await admin.request("/api/v2/users?status=gone")).status).toBe(400);
  });
});
