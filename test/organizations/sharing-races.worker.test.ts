import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { getTestApp, ORIGIN, type SignedIn } from "../support/app.ts";
import { audited, memberOf, newOrganization, newWorkspace, statusOf } from "./support.ts";

/*
 * What was true when a request looked and is not when it writes. The other change is made right before the
 * request's batch reaches D1, so that each race is run for certain.
 */

const app = await getTestApp();
const { owner } = app;

/** Sends a request as this person; `first` happens after all that it reads and before what it writes. */
async function overtaken(person: SignedIn, path: string, method: string, body: object, first: () => Promise<unknown>) {
  let happened = 0;
  const DB = new Proxy(env.DB, {
    get(target, name) {
      if (name === "batch") {
        return async (statements: D1PreparedStatement[]) => {
          happened += 1;
          if (happened === 1) await first();
          return target.batch(statements);
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const headers = { cookie: person.cookie, origin: ORIGIN };
  const response = await app.anonymous(path, { method, body, headers }, { DB });
  expect(happened).toBeGreaterThan(0);
  return response;
}

async function settle(name: string) {
  const organization = await newOrganization(owner, name);
  const admin = await memberOf(app, `${name}-admin`, { [organization.id]: ["organization-admin"] });
  const person = await memberOf(app, `${name}-person`, { [organization.id]: [] });
  const friend = await memberOf(app, `${name}-friend`, { [organization.id]: [] });
  const box = await newWorkspace(person, "box", organization.id);
  const setting = `/api/v2/organizations/${organization.id}/settings/workspace-sharing`;
  const change = (mode: string) =>
    owner.request(setting, { method: "PATCH", body: { shareable_workspace_owners: mode } });
  const read = async () =>
    (await env.DB.prepare(
      "select user_acl, shareable_workspace_owners as mode from workspaces w join organizations o on o.id = w.organization_id where w.id = ?",
    )
      .bind(box.id)
      .first<{ user_acl: string; mode: string }>()) ?? { user_acl: "gone", mode: "gone" };
  return { organization, admin, person, friend, box, setting, change, read };
}

describe("a share that is overtaken", () => {
  it("by the end of sharing is refused, and leaves nothing", async () => {
    for (const mode of ["none", "service_accounts"]) {
      const { person, friend, box, change, read } = await settle(`race-${mode.replace("_", "-")}`);
      const body = { user_roles: { [friend.userId]: "admin" } };
      const answer = await overtaken(person, `/api/v2/workspaces/${box.id}/acl`, "PATCH", body, () => change(mode));
      expect(answer.status).toBe(403);
      expect(await read()).toEqual({ user_acl: "{}", mode });
      expect((await audited(box.id)).map(({ action }) => action)).not.toContain("share");
    }
  });

  it("by somebody's leaving does not let them in again", async () => {
    const { organization, person, friend, box, read } = await settle("leaving");
    const leave = `/api/v2/organizations/${organization.id}/members/${friend.userId}`;
    const body = { user_roles: { [friend.userId]: "admin" } };
    await overtaken(person, `/api/v2/workspaces/${box.id}/acl`, "PATCH", body, () =>
      owner.request(leave, { method: "DELETE" }),
    );
    expect((await read()).user_acl).toBe("{}");
  });

  it("by another share keeps both", async () => {
    const { admin, person, friend, box, read } = await settle("both");
    const path = `/api/v2/workspaces/${box.id}/acl`;
    await overtaken(person, path, "PATCH", { user_roles: { [friend.userId]: "use" } }, () =>
      person.request(path, { method: "PATCH", body: { user_roles: { [admin.userId]: "admin" } } }),
    );
    expect(JSON.parse((await read()).user_acl)).toEqual({ [friend.userId]: "use", [admin.userId]: "admin" });
  });
});

describe("a change that another admin overtakes", () => {
  it("of the sharing mode is made after it, from what stands then", async () => {
    const { organization, admin, setting, change, read } = await settle("modes");
    const body = { shareable_workspace_owners: "none" };
    const answer = await overtaken(admin, setting, "PATCH", body, () => change("service_accounts"));
    expect(answer.status).toBe(200);
    expect((await read()).mode).toBe("none");
    const lines = (await audited(organization.id)).filter((line) => line.resource_type === "workspace_sharing");
    expect(lines.map(({ diff }) => diff)).toEqual([
      { shareable_workspace_owners: { old: "everyone", new: "service_accounts" } },
      { shareable_workspace_owners: { old: "service_accounts", new: "none" } },
    ]);
  });

  it("of a member's roles is refused, so that nobody's role is taken unseen", async () => {
    const { organization, admin, friend } = await settle("roles");
    const path = `/api/v2/organizations/${organization.id}/members/${friend.userId}`;
    const promote = () => owner.request(`${path}/roles`, { method: "PUT", body: { roles: ["organization-auditor"] } });
    const answer = await overtaken(admin, `${path}/roles`, "PUT", { roles: ["organization-user-admin"] }, promote);
    expect(answer.status).toBe(409);
    const member = await env.DB.prepare("select roles from organization_members where user_id = ?")
      .bind(friend.userId)
      .first("roles");
    expect(member).toBe('["organization-auditor"]');
    expect(await statusOf(owner.request(path, { method: "DELETE" }))).toBe(204);
  });
});
