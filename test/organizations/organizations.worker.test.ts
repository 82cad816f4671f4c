import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { problem } from "../../src/contract/common.ts";
import { createTokenResponse } from "../../src/contract/identity.ts";
import { organization, organizationMembersResponse } from "../../src/contract/organizations.ts";
import { newId } from "../../src/platform/ids.ts";
import { getTestApp, type Client } from "../support/app.ts";
import { audited, DEFAULT, memberOf, newOrganization, newWorkspace, statusOf } from "./support.ts";

const app = await getTestApp();
const { owner, addUser } = app;
const ann = await addUser("ann");

async function names(client: Client, query = "") {
  const response = await client.request(`/api/v2/organizations${query}`);
  expect(response.status).toBe(200);
  const list = z.array(organization).parse(await response.json());
  return { names: list.map(({ name }) => name), ids: list.map(({ id }) => id), link: response.headers.get("link") };
}

describe("POST /organizations", () => {
  it("makes one with the group of everybody, both system roles and its maker as admin, and writes it down", async () => {
    const made = await newOrganization(owner, "harbour");
    expect(made).toMatchObject({ name: "harbour", display_name: "harbour", is_default: false });
    const groups = await (await owner.request(`/api/v2/organizations/${made.id}/groups`)).json();
    expect(groups).toMatchObject([
      { id: made.id, name: "Everyone", is_everyone: true, member_count: 1, members: [{ username: owner.username }] },
    ]);
    const roles = await env.DB.prepare("select name from custom_roles where organization_id = ? order by name")
      .bind(made.id)
      .all();
    expect(roles.results).toEqual([{ name: "organization-member" }, { name: "organization-service-account" }]);
    const members = await (await owner.request(`/api/v2/organizations/${made.id}/members`)).json();
    expect(members).toMatchObject({
      count: 1,
      members: [{ user_id: owner.userId, roles: ["organization-admin"], organization_id: made.id }],
    });
    expect(await audited(made.id)).toMatchObject([
      { action: "create", resource_type: "organization", user_id: owner.userId, diff: { name: { new: "harbour" } } },
    ]);
  });

  it("is for owners of the site, and a name is taken once", async () => {
    expect(await statusOf(ann.request("/api/v2/organizations", { method: "POST", body: { name: "mine" } }))).toBe(403);
    const both = await Promise.all(
      [1, 2].map(() => owner.request("/api/v2/organizations", { method: "POST", body: { name: "contested" } })),
    );
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
    const orphans = await env.DB.prepare(
      "select count(*) as n from groups where organization_id not in (select id from organizations)",
    ).first("n");
    expect(orphans).toBe(0);
  });
});

describe("GET /organizations", () => {
  it("shows a member their own, whoever may read all of them all, in pages by name", async () => {
    const north = await newOrganization(owner, "north");
    const south = await newOrganization(owner, "south");
    const bob = await memberOf(app, "bob", { [south.id]: [] });
    expect((await names(bob)).names).toEqual(["south"]);
    expect((await names(owner)).names).toEqual(expect.arrayContaining(["north", "south"]));
    expect((await names(owner)).names).toEqual((await names(owner)).names.toSorted());
    const first = await names(owner, "?limit=1");
    expect(first.link).toContain(`after_id=${first.ids[0]}`);
    expect((await names(owner, `?limit=200&after_id=${first.ids[0]}`)).names).toEqual(
      (await names(owner)).names.slice(1),
    );
    // Not even as a place in a list.
    expect(await statusOf(bob.request(`/api/v2/organizations?after_id=${north.id}`))).toBe(400);
    expect(await statusOf(bob.request(`/api/v2/organizations/${north.id}`))).toBe(404);
    expect(await statusOf(bob.request(`/api/v2/organizations/south`))).toBe(200);
    const ofBob = await owner.request(`/api/v2/users/bob/organizations`);
    expect(await ofBob.json()).toMatchObject([{ id: south.id }]);
    expect(await statusOf(ann.request(`/api/v2/users/bob/organizations`))).toBe(404);
    expect(await (await bob.request(`/api/v2/users/me/organizations`)).json()).toMatchObject([{ id: south.id }]);
  });
});

describe("PATCH and DELETE /organizations/{organization}", () => {
  it("renames for its admins, not for members, and not to a name that is taken", async () => {
    const made = await newOrganization(owner, "old-name");
    const admin = await memberOf(app, "renamer", { [made.id]: ["organization-admin"] });
    const member = await memberOf(app, "onlooker", { [made.id]: [] });
    const rename = (client: Client, name: string) =>
      client.request(`/api/v2/organizations/${made.id}`, { method: "PATCH", body: { name } });
    expect(await statusOf(rename(member, "mine"))).toBe(403);
    expect(await statusOf(rename(ann, "mine"))).toBe(404);
    expect(await statusOf(rename(admin, "harbour"))).toBe(409);
    const renamed = await rename(admin, "new-name");
    expect(await renamed.json()).toMatchObject({ name: "new-name", display_name: "old-name" });
    expect((await audited(made.id)).at(-1)).toMatchObject({
      action: "write",
      diff: { name: { old: "old-name", new: "new-name" } },
    });
  });

  it("keeps the default one, and whatever has people or things in it", async () => {
    expect(await statusOf(owner.request(`/api/v2/organizations/${DEFAULT}`, { method: "DELETE" }))).toBe(409);
    const made = await newOrganization(owner, "leaving");
    const remove = () => owner.request(`/api/v2/organizations/${made.id}`, { method: "DELETE" });
    const carl = await memberOf(app, "carl", { [made.id]: [] });
    const box = await newWorkspace(owner, "leaving", made.id);
    const full = problem.parse(await (await remove()).json());
    expect(full).toMatchObject({ status: 409, detail: "It still has 1 other member, 1 workspace." });
    await owner.request(`/api/v2/workspaces/${box.id}`, { method: "DELETE" });
    await owner.request(`/api/v2/organizations/${made.id}/members/${carl.userId}`, { method: "DELETE" });
    expect(await statusOf(remove())).toBe(204);
    expect(await statusOf(owner.request(`/api/v2/organizations/${made.id}`))).toBe(404);
    expect(await statusOf(remove())).toBe(404);
    expect((await names(owner)).names).not.toContain("leaving");
    expect(await statusOf(owner.request(`/api/v2/groups/${made.id}`))).toBe(404);
    const me = z.object({ organization_ids: z.array(z.string()) });
    expect(me.parse(await (await owner.request("/api/v2/users/me")).json()).organization_ids).not.toContain(made.id);
    expect((await audited(made.id)).map(({ action }) => action)).toEqual(["create", "delete"]);
    // The name is free again.
    await newOrganization(owner, "leaving");
  });
});

describe("members of an organisation", () => {
  it("are listed by user name in full pages, found by part of a name, and counted", async () => {
    const made = await newOrganization(owner, "crew");
    const people = ["zed", "Yve", "xan", "w_w", "wxw"];
    for (const name of people) await memberOf(app, name, { [made.id]: [] });
    const list = async (query: string) => {
      const response = await owner.request(`/api/v2/organizations/crew/members${query}`);
      const body = organizationMembersResponse.parse(await response.json());
      return { ...body, names: body.members.map(({ username }) => username), link: response.headers.get("link") };
    };
    const all = await list("");
    expect(all.names).toEqual([owner.username, "w_w", "wxw", "xan", "Yve", "zed"]);
    expect(all.count).toBe(6);
    const first = await list("?limit=4");
    expect(first.names).toEqual(all.names.slice(0, 4));
    expect(first.count).toBe(6);
    expect((await list(`?limit=4&after_id=${first.members[3]?.user_id}`)).names).toEqual(["Yve", "zed"]);
    expect(await list("?q=YV")).toMatchObject({ names: ["Yve"], count: 1 });
    expect(await list("?q=w_w")).toMatchObject({ names: ["w_w"], count: 1 });
    expect(await list(`?q=${encodeURIComponent("%")}`)).toMatchObject({ names: [], count: 0 });
    // Longer than a pattern of `like` may be.
    expect(await list(`?q=${"x".repeat(200)}`)).toMatchObject({ names: [], count: 0 });
    expect(await statusOf(owner.request(`/api/v2/organizations/crew/members?after_id=${ann.userId}`))).toBe(400);
    expect(await statusOf(ann.request(`/api/v2/organizations/crew/members`))).toBe(404);
  });

  it("get roles by no token that is good for less than everything", async () => {
    const made = await newOrganization(owner, "scoped");
    const mate = await memberOf(app, "mate", { [made.id]: [] });
    const path = `/api/v2/organizations/${made.id}/members/${mate.userId}/roles`;
    const setWith = async (scopes: string[], roles: string[]) => {
      const created = await owner.request("/api/v2/users/me/keys/tokens", {
        method: "POST",
        body: { token_name: scopes.join(), scopes },
      });
      const { key } = createTokenResponse.parse(await created.json());
      return statusOf(app.anonymous(path, { method: "PUT", body: { roles }, headers: { "x-api-key": key } }));
    };
    const narrow = ["organization:*", "organization_member:*"];
    expect(await setWith(narrow, ["organization-admin"])).toBe(403);
    expect(await setWith(["all"], ["organization-admin"])).toBe(200);
    expect([await setWith(narrow, []), await setWith(narrow, ["organization-admin"])]).toEqual([403, 200]);
  });

  it("do not page from whom or what the caller does not see", async () => {
    const made = await newOrganization(owner, "discreet");
    const [eve, hidden] = [
      await memberOf(app, "eve", { [made.id]: [] }),
      await memberOf(app, "hidden", { [made.id]: [] }),
    ];
    const path = `/api/v2/organizations/${made.id}`;
    const from = async (list: "members" | "groups", id: string) =>
      statusOf(eve.request(`${path}/${list}?after_id=${id}`));
    expect([await from("members", hidden.userId), await from("groups", made.id)]).toEqual([200, 200]);
    const body = { shareable_workspace_owners: "none" };
    await owner.request(`${path}/settings/workspace-sharing`, { method: "PATCH", body });
    expect([await from("members", hidden.userId), await from("members", eve.userId)]).toEqual([400, 200]);
    expect(await from("groups", made.id)).toBe(400);
  });

  it("are added and taken out by those who manage them; who is taken out leaves nothing behind", async () => {
    const made = await newOrganization(owner, "guild");
    const admin = await memberOf(app, "guild-admin", { [made.id]: ["organization-user-admin"] });
    const member = await memberOf(app, "guild-member", { [made.id]: [] });
    const path = `/api/v2/organizations/guild/members/${ann.username}`;
    expect(await statusOf(member.request(path, { method: "POST" }))).toBe(403);
    expect(await statusOf(ann.request(path, { method: "POST" }))).toBe(404);
    const added = await admin.request(path, { method: "POST" });
    expect(added.status).toBe(201);
    expect(await added.json()).toMatchObject({ user_id: ann.userId, roles: [] });
    expect(await statusOf(admin.request(path, { method: "POST" }))).toBe(409);
    expect(await statusOf(admin.request(`/api/v2/organizations/guild/members/${newId()}`, { method: "POST" }))).toBe(
      404,
    );

    const box = await newWorkspace(member, "guild-box", made.id);
    const body = { user_roles: { [ann.userId]: "use" } };
    expect(await statusOf(member.request(`/api/v2/workspaces/${box.id}/acl`, { method: "PATCH", body }))).toBe(204);
    expect(await statusOf(ann.request(`/api/v2/workspaces/${box.id}`))).toBe(200);
    expect(await statusOf(member.request(path, { method: "DELETE" }))).toBe(403);
    expect(await statusOf(admin.request(path, { method: "DELETE" }))).toBe(204);
    expect(await statusOf(ann.request(`/api/v2/workspaces/${box.id}`))).toBe(404);
    const left = await env.DB.prepare("select user_acl from workspaces where id = ?").bind(box.id).first("user_acl");
    expect(left).toBe("{}");
    expect(await statusOf(admin.request(path, { method: "DELETE" }))).toBe(404);
    // Whoever comes back begins anew.
    expect(await statusOf(admin.request(path, { method: "POST" }))).toBe(201);
    expect(await statusOf(ann.request(`/api/v2/workspaces/${box.id}`))).toBe(404);
    expect((await audited(ann.userId)).map(({ action }) => action)).toEqual(["create", "delete", "create"]);
  });

  it("get only roles that the giver may give, and lose only such", async () => {
    const made = await newOrganization(owner, "ranks");
    const admin = await memberOf(app, "ranks-admin", { [made.id]: ["organization-admin"] });
    const userAdmin = await memberOf(app, "ranks-users", { [made.id]: ["organization-user-admin"] });
    const siteUserAdmin = await memberOf(app, "ranks-site", {}, ["member", "user-admin"]);
    const member = await memberOf(app, "ranks-member", { [made.id]: [] });
    const put = (client: Client, who: Client, roles: string[]) =>
      client.request(`/api/v2/organizations/ranks/members/${who.userId}/roles`, { method: "PUT", body: { roles } });
    for (const client of [userAdmin, siteUserAdmin]) {
      expect(await statusOf(put(client, member, ["organization-admin"]))).toBe(403);
      expect(await statusOf(put(client, client, ["organization-admin"]))).not.toBe(200);
      // Nor by taking: an admin is not demoted or taken out from below.
      expect(await statusOf(put(client, admin, []))).toBe(403);
      const out = `/api/v2/organizations/ranks/members/${admin.userId}`;
      expect(await statusOf(client.request(out, { method: "DELETE" }))).toBe(403);
    }
    expect(await statusOf(put(member, member, ["organization-admin"]))).toBe(403);
    expect(await statusOf(put(admin, member, ["organization-wizard"]))).toBe(400);
    const given = await put(admin, member, ["organization-auditor", "organization-admin", "organization-auditor"]);
    expect(await given.json()).toMatchObject({ roles: ["organization-admin", "organization-auditor"] });
    expect(await statusOf(member.request(`/api/v2/organizations/ranks`, { method: "PATCH", body: {} }))).toBe(200);
    expect(await statusOf(put(admin, member, []))).toBe(200);
    expect(await statusOf(member.request(`/api/v2/organizations/ranks`, { method: "PATCH", body: {} }))).toBe(403);
    expect(await audited(member.userId)).toMatchObject([
      { diff: { roles: { old: [], new: ["organization-admin", "organization-auditor"] } } },
      { diff: { roles: { old: ["organization-admin", "organization-auditor"], new: [] } } },
    ]);
    const offered = z.array(z.object({ name: z.string(), assignable: z.boolean() }));
    const roles = async (client: Client) =>
      offered.parse(await (await client.request("/api/v2/organizations/ranks/members/roles")).json());
    expect((await roles(admin)).every(({ assignable }) => assignable)).toBe(true);
    expect((await roles(userAdmin)).some(({ assignable }) => assignable)).toBe(false);
  });

  it("see each other unless nothing may be shared there", async () => {
    const made = await newOrganization(owner, "quiet");
    const one = await memberOf(app, "quiet-one", { [made.id]: [] });
    await memberOf(app, "quiet-two", { [made.id]: [] });
    const count = async () => {
      const response = await one.request("/api/v2/organizations/quiet/members");
      return organizationMembersResponse.parse(await response.json()).count;
    };
    expect(await count()).toBe(3);
    const body = { shareable_workspace_owners: "none" };
    const path = "/api/v2/organizations/quiet/settings/workspace-sharing";
    expect(await statusOf(owner.request(path, { method: "PATCH", body }))).toBe(200);
    expect(await count()).toBe(1);
  });
});
