import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { problem } from "../../src/contract/common.ts";
import { workspaceAcl } from "../../src/contract/sharing.ts";
import { workspace, workspacesResponse } from "../../src/contract/workspaces.ts";
import { newId } from "../../src/platform/ids.ts";
import {
  asServiceAccount,
  audited,
  DEFAULT,
  memberOf,
  newGroup,
  newOrganization,
  newWorkspace,
  statusOf,
} from "../organizations/support.ts";
import { getTestApp, type Client } from "../support/app.ts";

const app = await getTestApp();
const { owner, addUser } = app;
const ann = await addUser("ann");
const bob = await addUser("bob");
const carl = await addUser("carl");

const acl = (client: Client, id: string) => client.request(`/api/v2/workspaces/${id}/acl`);
const share = (client: Client, id: string, body: object) =>
  client.request(`/api/v2/workspaces/${id}/acl`, { method: "PATCH", body });

async function shares(client: Client, id: string) {
  const response = await acl(client, id);
  expect(response.status).toBe(200);
  const { users, group } = workspaceAcl.parse(await response.json());
  return {
    users: Object.fromEntries(users.map(({ username, role }) => [username, role])),
    groups: Object.fromEntries(group.map(({ name, role }) => [name, role])),
  };
}

async function sharesLogged(id: string) {
  return (await audited(id)).filter(({ action }) => action === "share");
}

async function listed(client: Client, query = "") {
  const response = await client.request(`/api/v2/workspaces${query}`);
  expect(response.status).toBe(200);
  return { ...workspacesResponse.parse(await response.json()), link: response.headers.get("link") };
}

async function seen(client: Client, id: string) {
  return workspace.parse(await (await client.request(`/api/v2/workspaces/${id}`)).json());
}

describe("the ACL of a workspace", () => {
  it("changes what is named and keeps the rest; the empty role takes away", async () => {
    const { id } = await newWorkspace(ann, "merge");
    const crew = await newGroup(owner, DEFAULT, "crew", [carl]);
    expect(await shares(ann, id)).toEqual({ users: {}, groups: {} });
    expect(await statusOf(share(ann, id, { user_roles: { [bob.userId]: "use", [carl.userId]: "admin" } }))).toBe(204);
    expect(await statusOf(share(ann, id, { group_roles: { [crew.id]: "use", [DEFAULT]: "use" } }))).toBe(204);
    expect(await shares(ann, id)).toEqual({
      users: { bob: "use", carl: "admin" },
      groups: { crew: "use", Everyone: "use" },
    });
    const body = { user_roles: { [bob.userId]: "admin", [carl.userId]: "" }, group_roles: { [DEFAULT]: "" } };
    expect(await statusOf(share(ann, id, body))).toBe(204);
    expect(await shares(ann, id)).toEqual({ users: { bob: "admin" }, groups: { crew: "use" } });
    const stored = await env.DB.prepare("select user_acl, group_acl from workspaces where id = ?").bind(id).first();
    expect(stored).toEqual({ user_acl: `{"${bob.userId}":"admin"}`, group_acl: `{"${crew.id}":"use"}` });
    expect(await statusOf(ann.request(`/api/v2/workspaces/${id}/acl`, { method: "DELETE" }))).toBe(204);
    expect(await shares(ann, id)).toEqual({ users: {}, groups: {} });
    expect(await sharesLogged(id)).toMatchObject([
      { action: "share", user_id: ann.userId, diff: { "users.bob": { old: null, new: "use" } } },
      { action: "share", diff: { "groups.crew": { old: null, new: "use" } } },
      {
        action: "share",
        diff: { "users.bob": { old: "use", new: "admin" }, "users.carl": { old: "admin", new: null } },
      },
      { action: "share", diff: { "users.bob": { old: "admin", new: null }, "groups.crew": { old: "use", new: null } } },
    ]);
  });

  it("merges what several write at once", async () => {
    const { id } = await newWorkspace(ann, "at-once");
    const people = await Promise.all(["d1", "d2", "d3", "d4"].map((name) => addUser(name)));
    await Promise.all(people.map(({ userId }) => share(ann, id, { user_roles: { [userId]: "use" } })));
    expect(Object.keys((await shares(ann, id)).users)).toEqual(["d1", "d2", "d3", "d4"]);
  });

  it("says everything that is wrong with a request at once, and then changes nothing", async () => {
    const { id } = await newWorkspace(ann, "wrong");
    const elsewhere = await newOrganization(owner, "elsewhere");
    const foreign = await memberOf(app, "foreign", { [elsewhere.id]: [] });
    const [unknown, forgotten] = [newId(), newId()];
    const response = await share(ann, id, {
      user_roles: {
        [bob.userId]: "use",
        "not-a-uuid": "use",
        [unknown]: "use",
        [forgotten]: "",
        [carl.userId]: "owner",
        [foreign.userId]: "use",
        [ann.userId]: "admin",
      },
      group_roles: { [elsewhere.id]: "use", [DEFAULT]: "viewer" },
    });
    expect(response.status).toBe(400);
    const body = problem.parse(await response.json());
    const expected = [
      ["/user_roles", "not-a-uuid"],
      ["/user_roles", unknown],
      ["/user_roles", carl.userId],
      ["/user_roles", foreign.userId],
      ["/user_roles", ann.userId],
      ["/group_roles", elsewhere.id],
      ["/group_roles", DEFAULT],
    ];
    expect(body.errors?.map(({ pointer, detail }) => [pointer, detail.split(": ")[0]])).toEqual(expected);
    expect(body.validations?.map(({ field }) => field)).toEqual(expected.map(([pointer]) => pointer?.slice(1)));
    expect(await shares(ann, id)).toEqual({ users: {}, groups: {} });
    expect(await statusOf(share(ann, id, { user_roles: { [forgotten]: "" } }))).toBe(204);
    expect(await sharesLogged(id)).toEqual([]);
    for (const wrong of [{ user_roles: [] }, { user_roles: { [bob.userId]: 3 } }, { group_roles: "x" }, []])
      expect(await statusOf(share(ann, id, wrong))).toBe(400);
  });

  it("takes so many entries at a time and no more, whether they give or take away", async () => {
    const { id } = await newWorkspace(ann, "crowded");
    const entries = (count: number, role: string) =>
      Object.fromEntries(Array.from({ length: count }, () => [newId(), role]));
    expect(await statusOf(share(ann, id, { user_roles: entries(100, ""), group_roles: entries(100, "") }))).toBe(204);
    for (const role of ["use", ""]) {
      const response = await share(ann, id, { user_roles: entries(101, role), group_roles: entries(100, role) });
      expect(response.status).toBe(400);
      expect(problem.parse(await response.json()).errors).toHaveLength(1);
    }
  });

  it("passes over people and groups that are gone", async () => {
    const { id } = await newWorkspace(ann, "gone");
    const leaver = await addUser("leaver");
    await share(ann, id, { user_roles: { [leaver.userId]: "use", [bob.userId]: "use" } });
    await env.DB.prepare("update users set deleted = 1 where id = ?").bind(leaver.userId).run();
    await env.DB.prepare("update workspaces set group_acl = ? where id = ?")
      .bind(JSON.stringify({ [newId()]: "use" }), id)
      .run();
    expect(await shares(ann, id)).toEqual({ users: { bob: "use" }, groups: {} });
  });
});

describe("what a share lets people do", () => {
  it("is what its role says, and not more", async () => {
    const { id } = await newWorkspace(ann, "roles");
    const path = `/api/v2/workspaces/${id}`;
    const rename = (client: Client, name: string) => client.request(path, { method: "PATCH", body: { name } });
    const build = (client: Client) => client.request(`${path}/builds`, { method: "POST" });
    const forget = (client: Client) => client.request(path, { method: "DELETE" });

    for (const attempt of [acl(bob, id), share(bob, id, {}), rename(bob, "his"), build(bob), forget(bob)])
      expect(await statusOf(attempt)).toBe(404);

    await share(ann, id, { user_roles: { [bob.userId]: "use" } });
    expect(await seen(bob, id)).toMatchObject({ owner_name: "ann", your_role: "use", your_actions: ["use"] });
    for (const attempt of [acl(bob, id), share(bob, id, {}), rename(bob, "his"), build(bob), forget(bob)])
      expect(await statusOf(attempt)).toBe(403);

    await share(ann, id, { user_roles: { [bob.userId]: "admin" } });
    expect(await seen(bob, id)).toMatchObject({ your_role: "admin", your_actions: ["use", "update", "share"] });
    expect(await statusOf(rename(bob, "ours"))).toBe(200);
    expect(await statusOf(build(bob))).toBe(201);
    expect(await statusOf(share(bob, id, { user_roles: { [carl.userId]: "use" } }))).toBe(204);
    expect(await seen(carl, id)).toMatchObject({ your_role: "use" });
    expect(await statusOf(forget(bob))).toBe(403);
    // One's own entry is not one's own to change, nor does the owner need one.
    expect(await statusOf(share(bob, id, { user_roles: { [bob.userId]: "" } }))).toBe(400);
    expect(await statusOf(share(bob, id, { user_roles: { [ann.userId]: "use" } }))).toBe(400);

    await share(ann, id, { user_roles: { [bob.userId]: "" } });
    expect(await statusOf(bob.request(path))).toBe(404);
    expect(await seen(ann, id)).toMatchObject({
      your_role: "owner",
      your_actions: ["use", "update", "delete", "share"],
    });
    expect(await seen(owner, id)).toMatchObject({
      your_role: "site",
      owner_name: "ann",
      // Whatever a role reaches: nothing runs on other people's machines that they did not lend.
      your_actions: ["update", "delete", "share"],
    });
  });

  it("puts what is shared, also by a group, into full pages of one's list, in its order", async () => {
    const reader = await addUser("reader");
    const readers = await newGroup(owner, DEFAULT, "readers", [reader]);
    const made: string[] = [];
    for (let index = 0; index < 12; index += 1) {
      app.clock.now += 1000;
      const giver = index % 3 === 0 ? reader : ann;
      const { id } = await newWorkspace(giver, `list-${index}`);
      if (index % 3 === 1) await share(ann, id, { user_roles: { [reader.userId]: "use" } });
      if (index % 6 === 2) await share(ann, id, { group_roles: { [readers.id]: "admin" } });
      if (index % 3 === 0 || index % 3 === 1 || index % 6 === 2) made.unshift(id);
    }
    const all = await listed(reader);
    expect(all.workspaces.map(({ id }) => id)).toEqual(made);
    expect(all.count).toBe(10);
    const paged: string[] = [];
    let query = "?limit=4";
    for (const size of [4, 4, 2]) {
      const page = await listed(reader, query);
      expect(page.workspaces).toHaveLength(size);
      paged.push(...page.workspaces.map(({ id }) => id));
      query = `?limit=4&after_id=${paged.at(-1)}`;
    }
    expect(paged).toEqual(made);
    const roles = all.workspaces.map(({ your_role }) => your_role ?? "none");
    expect(roles.toSorted()).toEqual([
      "admin",
      "admin",
      "owner",
      "owner",
      "owner",
      "owner",
      "use",
      "use",
      "use",
      "use",
    ]);
  });

  it("ends where its organisation ends", async () => {
    const made = await newOrganization(owner, "island");
    const giver = await memberOf(app, "giver", { [made.id]: [] });
    const taker = await memberOf(app, "taker", { [made.id]: [], [DEFAULT]: [] });
    const { id } = await newWorkspace(giver, "island-box", made.id);
    await share(giver, id, { user_roles: { [taker.userId]: "use" } });
    expect((await listed(taker)).count).toBe(1);
    await env.DB.prepare("delete from organization_members where user_id = ? and organization_id = ?")
      .bind(taker.userId, made.id)
      .run();
    expect((await listed(taker)).count).toBe(0);
    expect(await statusOf(taker.request(`/api/v2/workspaces/${id}`))).toBe(404);
  });

  it("is nothing while the deployment forbids it, and is there again afterwards", async () => {
    const { id } = await newWorkspace(ann, "switched");
    await share(ann, id, { user_roles: { [bob.userId]: "use" } });
    const off = { DISABLE_WORKSPACE_SHARING: "1" };
    const as = (client: { cookie: string }, path: string, method = "GET", body?: object) =>
      app.anonymous(path, { method, body, headers: { cookie: client.cookie, origin: "http://localhost" } }, off);
    expect(await statusOf(as(bob, `/api/v2/workspaces/${id}`))).toBe(404);
    expect(workspacesResponse.parse(await (await as(bob, "/api/v2/workspaces")).json()).workspaces).not.toContainEqual(
      expect.objectContaining({ id }),
    );
    for (const method of ["GET", "PATCH", "DELETE"]) {
      const refused = await as(app.owner, `/api/v2/workspaces/${id}/acl`, method, method === "PATCH" ? {} : undefined);
      expect(problem.parse(await refused.json())).toMatchObject({
        status: 403,
        detail: expect.stringContaining("deployment"),
      });
    }
    const own = workspace.parse(await (await as(ann, `/api/v2/workspaces/${id}`)).json());
    expect(own.your_actions).toEqual(["use", "update", "delete"]);
    const setting = await as(ann, `/api/v2/organizations/${DEFAULT}/settings/workspace-sharing`);
    expect(await setting.json()).toEqual({
      sharing_globally_disabled: true,
      sharing_disabled: true,
      shareable_workspace_owners: "none",
    });
    expect(await statusOf(bob.request(`/api/v2/workspaces/${id}`))).toBe(200);
  });

  it("can be given by a service account to people and to it by people", async () => {
    const robot = await asServiceAccount(await addUser("robot"));
    const { id } = await newWorkspace(robot, "robots");
    expect(await statusOf(share(robot, id, { user_roles: { [ann.userId]: "use" } }))).toBe(204);
    expect(await seen(ann, id)).toMatchObject({ your_role: "use", owner_name: "robot" });
    const { id: other } = await newWorkspace(ann, "for-robots");
    expect(await statusOf(share(ann, other, { user_roles: { [robot.userId]: "use" } }))).toBe(204);
    const { users } = workspaceAcl.parse(await (await acl(ann, other)).json());
    expect(users).toMatchObject([{ username: "robot", is_service_account: true }]);
  });
});
