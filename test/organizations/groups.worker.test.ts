import { describe, expect, it } from "vitest";
import { z } from "zod";
import { problem } from "../../src/contract/common.ts";
import { group } from "../../src/contract/organizations.ts";
import { newId } from "../../src/platform/ids.ts";
import { getTestApp, type Client } from "../support/app.ts";
import { audited, DEFAULT, memberOf, newGroup, newOrganization, newWorkspace, statusOf } from "./support.ts";

const app = await getTestApp();
const { owner, addUser } = app;
const ann = await addUser("ann");
const bob = await addUser("bob");

const change = (client: Client, id: string, body: object) =>
  client.request(`/api/v2/groups/${id}`, { method: "PATCH", body });

describe("groups", () => {
  it("are made by those who manage them, once a name, however it is written", async () => {
    const path = `/api/v2/organizations/${DEFAULT}/groups`;
    expect(await statusOf(ann.request(path, { method: "POST", body: { name: "Readers" } }))).toBe(403);
    const made = await newGroup(owner, DEFAULT, "Readers", [ann]);
    expect(made).toMatchObject({ name: "Readers", is_everyone: false, member_count: 1, members: [{ id: ann.userId }] });
    expect(await statusOf(owner.request(path, { method: "POST", body: { name: "readers" } }))).toBe(409);
    expect(await statusOf(owner.request(path, { method: "POST", body: { name: "EVERYONE" } }))).toBe(409);
    expect(await audited(made.id)).toMatchObject([
      { action: "create", resource_type: "group" },
      { action: "write", diff: { added: { new: [ann.userId] } } },
    ]);
    expect(await statusOf(bob.request(`/api/v2/groups/${made.id}`))).toBe(200);
    const stranger = await memberOf(app, "stranger", {});
    expect(await statusOf(stranger.request(`/api/v2/groups/${made.id}`))).toBe(404);
    expect(await statusOf(stranger.request(path))).toBe(404);
  });

  it("take members of the organisation only, all of a change or nothing", async () => {
    const elsewhere = await newOrganization(owner, "elsewhere");
    const foreign = await memberOf(app, "foreign", { [elsewhere.id]: [] });
    const made = await newGroup(owner, DEFAULT, "writers", [ann]);
    const nobody = newId();
    const refused = await change(owner, made.id, {
      name: "authors",
      add_users: [bob.userId, foreign.userId, nobody],
      remove_users: [ann.userId],
    });
    expect(refused.status).toBe(400);
    expect(problem.parse(await refused.json()).errors?.map(({ pointer }) => pointer)).toEqual([
      "/add_users/1",
      "/add_users/2",
    ]);
    const taken = await change(owner, made.id, { name: "Readers", add_users: [bob.userId] });
    expect(taken.status).toBe(409);
    const still = group.parse(await (await owner.request(`/api/v2/groups/${made.id}`)).json());
    expect(still).toMatchObject({ name: "writers", member_count: 1, members: [{ id: ann.userId }] });
    const done = await change(owner, made.id, {
      name: "authors",
      add_users: [bob.userId, bob.userId],
      remove_users: [ann.userId, nobody],
    });
    expect(await done.json()).toMatchObject({ name: "authors", member_count: 1, members: [{ id: bob.userId }] });
  });

  it("come in pages by name, the group of everybody among them", async () => {
    const made = await newOrganization(owner, "paged");
    for (const name of ["delta", "Alpha", "charlie"]) await newGroup(owner, made.id, name, []);
    const list = async (query: string) => {
      const response = await owner.request(`/api/v2/organizations/paged/groups${query}`);
      return { groups: z.array(group).parse(await response.json()), link: response.headers.get("link") };
    };
    const first = await list("?limit=2");
    expect(first.groups.map(({ name }) => name)).toEqual(["Alpha", "charlie"]);
    expect(first.link).not.toBeNull();
    const second = await list(`?limit=2&after_id=${first.groups[1]?.id}`);
    expect(second.groups.map(({ name }) => name)).toEqual(["delta", "Everyone"]);
    expect(second.link).toBeNull();
    const other = (await newGroup(owner, DEFAULT, "other", [])).id;
    expect(await statusOf(owner.request(`/api/v2/organizations/paged/groups?after_id=${other}`))).toBe(400);
  });

  it("of everybody follow the organisation and can't be changed", async () => {
    const everyone = group.parse(await (await ann.request(`/api/v2/groups/${DEFAULT}`)).json());
    expect(everyone.is_everyone).toBe(true);
    expect(everyone.members.map(({ id }) => id)).toEqual(expect.arrayContaining([ann.userId, bob.userId]));
    expect(await statusOf(change(owner, DEFAULT, { name: "some" }))).toBe(409);
    expect(await statusOf(change(owner, DEFAULT, { remove_users: [ann.userId] }))).toBe(409);
    expect(await statusOf(owner.request(`/api/v2/groups/${DEFAULT}`, { method: "DELETE" }))).toBe(409);
    expect(await statusOf(change(ann, DEFAULT, { name: "some" }))).toBe(403);
  });

  it("take what was shared with them along when they go, and who leaves one loses it", async () => {
    const made = await newGroup(owner, DEFAULT, "leavers", [bob]);
    const box = await newWorkspace(ann, "for-leavers");
    const share = { group_roles: { [made.id]: "use" } };
    const path = `/api/v2/workspaces/${box.id}`;
    expect(await statusOf(ann.request(`${path}/acl`, { method: "PATCH", body: share }))).toBe(204);
    expect(await statusOf(bob.request(path))).toBe(200);
    expect(await statusOf(change(owner, made.id, { remove_users: [bob.userId] }))).toBe(200);
    expect(await statusOf(bob.request(path))).toBe(404);
    expect(await statusOf(change(owner, made.id, { add_users: [bob.userId] }))).toBe(200);
    expect(await statusOf(bob.request(path))).toBe(200);
    expect(await statusOf(owner.request(`/api/v2/groups/${made.id}`, { method: "DELETE" }))).toBe(204);
    expect(await statusOf(bob.request(path))).toBe(404);
    expect(await (await ann.request(`${path}/acl`)).json()).toEqual({ users: [], group: [] });
    expect((await audited(made.id)).at(-1)).toMatchObject({ action: "delete", resource_target: "leavers" });
  });
});
