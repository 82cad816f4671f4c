import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Permission } from "../../src/access/permissions.ts";
import { systemRoles } from "../../src/access/roles.ts";
import { problem } from "../../src/contract/common.ts";
import {
  shareableWorkspaceOwners,
  workspaceSharingSettings,
  type ShareableWorkspaceOwners,
} from "../../src/contract/organizations.ts";
import { desiredSystemRoles, reconcileSystemRoles, samePermissions } from "../../src/organizations/system-roles.ts";
import { createApp } from "../../src/app.ts";
import { createLog } from "../../src/platform/log.ts";
import { getTestApp, send, type Client } from "../support/app.ts";
import { asServiceAccount, audited, memberOf, newGroup, newOrganization, newWorkspace, statusOf } from "./support.ts";

const app = await getTestApp();
const { owner, addUser, db } = app;
const outsider = await addUser("outsider");

const setting = (organizationId: string) => `/api/v2/organizations/${organizationId}/settings/workspace-sharing`;
const change = (client: Client, organizationId: string, body: object) =>
  client.request(setting(organizationId), { method: "PATCH", body });
const share = (client: Client, id: string, body: object) =>
  client.request(`/api/v2/workspaces/${id}/acl`, { method: "PATCH", body });

async function read(client: Client, organizationId: string) {
  const response = await client.request(setting(organizationId));
  expect(response.status).toBe(200);
  return workspaceSharingSettings.parse(await response.json());
}

async function storedRoles(organizationId: string) {
  const { results } = await env.DB.prepare(
    "select name, organization_permissions o, member_permissions m, updated_at from custom_roles where organization_id = ?",
  )
    .bind(organizationId)
    .all<{ name: string; o: string; m: string; updated_at: number }>();
  return results.map(({ name, o, m, updated_at }) => ({
    name,
    organization: JSON.parse(o) as Permission[],
    member: JSON.parse(m) as Permission[],
    updated_at,
  }));
}

async function expectRolesOf(organizationId: string, mode: ShareableWorkspaceOwners) {
  const stored = await storedRoles(organizationId);
  expect(stored.map(({ name }) => name).toSorted()).toEqual([...systemRoles].toSorted());
  for (const wanted of desiredSystemRoles(mode)) {
    const found = stored.find(({ name }) => name === wanted.name);
    expect(samePermissions(found?.organization ?? [], wanted.organization), `${wanted.name} in ${mode}`).toBe(true);
    expect(samePermissions(found?.member ?? [], wanted.member), `${wanted.name} in ${mode}`).toBe(true);
  }
}

/** How many of these are still shared. */
async function sharedAmong(...ids: string[]): Promise<number> {
  const { results } = await env.DB.prepare(
    "select (user_acl <> '{}' or group_acl <> '{}') as shared from workspaces where id in (select value from json_each(?))",
  )
    .bind(JSON.stringify(ids))
    .all<{ shared: number }>();
  return results.reduce((sum, { shared }) => sum + shared, 0);
}

const modeDiff = z.object({ shareable_workspace_owners: z.object({ old: z.string(), new: z.string() }) });

let town = 0;
/** An organisation with a person, a service account and somebody with whom both share. */
async function settle() {
  town += 1;
  const organization = await newOrganization(owner, `town-${town}`);
  const at = { [organization.id]: [] };
  const admin = await memberOf(app, `admin-${town}`, { [organization.id]: ["organization-admin"] });
  const person = await memberOf(app, `person-${town}`, at);
  const robot = await asServiceAccount(await memberOf(app, `robot-${town}`, at));
  const friend = await memberOf(app, `friend-${town}`, at);
  const group = await newGroup(owner, organization.id, "friends", [friend]);
  const ofPerson = await newWorkspace(person, "of-person", organization.id);
  const ofRobot = await newWorkspace(robot, "of-robot", organization.id);
  expect(await statusOf(share(person, ofPerson.id, { user_roles: { [friend.userId]: "use" } }))).toBe(204);
  expect(await statusOf(share(robot, ofRobot.id, { group_roles: { [group.id]: "use" } }))).toBe(204);
  return { organization, admin, person, robot, friend, group, ofPerson, ofRobot };
}

describe("GET and PATCH …/settings/workspace-sharing", () => {
  it("tells members the mode, and those who may change it what that would take away", async () => {
    const { organization, admin, person, ofPerson } = await settle();
    expect(await read(person, organization.name)).toEqual({
      sharing_globally_disabled: false,
      sharing_disabled: false,
      shareable_workspace_owners: "everyone",
    });
    expect((await read(admin, organization.id)).shares_removed).toEqual({ none: 2, everyone: 0, service_accounts: 1 });
    await person.request(`/api/v2/workspaces/${ofPerson.id}`, { method: "DELETE" });
    expect((await read(owner, organization.id)).shares_removed).toEqual({ none: 1, everyone: 0, service_accounts: 0 });
    expect(await statusOf(outsider.request(setting(organization.id)))).toBe(404);
    expect(await statusOf(change(outsider, organization.id, { sharing_disabled: true }))).toBe(404);
    expect(await statusOf(change(person, organization.id, { sharing_disabled: true }))).toBe(403);
  });

  it("takes the new field over the old one, and neither is a mistake", async () => {
    const { organization, admin } = await settle();
    const cases = [
      [{ sharing_disabled: true }, "none"],
      [{ sharing_disabled: false }, "everyone"],
      [{ sharing_disabled: false, shareable_workspace_owners: "none" }, "none"],
      [{ sharing_disabled: true, shareable_workspace_owners: "service_accounts" }, "service_accounts"],
    ] as const;
    for (const [body, mode] of cases) {
      const answer = await change(admin, organization.id, body);
      expect(await answer.json()).toEqual({
        sharing_globally_disabled: false,
        sharing_disabled: mode === "none",
        shareable_workspace_owners: mode,
      });
      expect((await read(admin, organization.id)).shareable_workspace_owners).toBe(mode);
      await expectRolesOf(organization.id, mode);
    }
    for (const body of [{}, { shareable_workspace_owners: "some" }, { shareable_workspace_owners: "" }]) {
      const refused = await change(admin, organization.id, body);
      const { status, errors } = problem.parse(await refused.json());
      expect(status).toBe(400);
      expect(errors?.[0]?.pointer).toBe("/shareable_workspace_owners");
      for (const option of shareableWorkspaceOwners) expect(errors?.[0]?.detail).toContain(option);
    }
    // The last of them was accepted three changes after the first.
    expect((await audited(organization.id)).filter((line) => line.resource_type === "workspace_sharing")).toMatchObject(
      [
        { user_id: admin.userId, diff: { shareable_workspace_owners: { old: "everyone", new: "none" } } },
        { diff: { shareable_workspace_owners: { old: "none", new: "everyone" } } },
        { diff: { shareable_workspace_owners: { old: "everyone", new: "none" } } },
        { diff: { shareable_workspace_owners: { old: "none", new: "service_accounts" } } },
      ],
    );
    await change(admin, organization.id, { shareable_workspace_owners: "service_accounts" });
    expect((await audited(organization.id)).filter((line) => line.resource_type === "workspace_sharing")).toHaveLength(
      4,
    );
  });
});

describe("leaving the mode everyone", () => {
  it("for none removes every share for good, and nobody shares there, not the owner of the site", async () => {
    const { organization, admin, person, robot, friend, ofPerson, ofRobot } = await settle();
    expect(await statusOf(friend.request(`/api/v2/workspaces/${ofRobot.id}`))).toBe(200);
    expect(await statusOf(change(admin, organization.id, { shareable_workspace_owners: "none" }))).toBe(200);
    expect(await sharedAmong(ofPerson.id, ofRobot.id)).toBe(0);
    for (const { id } of [ofPerson, ofRobot]) {
      expect(await statusOf(friend.request(`/api/v2/workspaces/${id}`))).toBe(404);
      for (const client of [owner, admin]) {
        const path = `/api/v2/workspaces/${id}/acl`;
        const body = { user_roles: { [friend.userId]: "use" } };
        for (const attempt of [
          client.request(path),
          share(client, id, body),
          client.request(path, { method: "DELETE" }),
        ]) {
          const refused = problem.parse(await (await attempt).json());
          expect(refused).toMatchObject({
            status: 403,
            detail: "Workspace sharing is disabled for this organisation.",
          });
        }
      }
    }
    expect(await statusOf(share(person, ofPerson.id, {}))).toBe(403);
    expect(await statusOf(share(robot, ofRobot.id, {}))).toBe(403);
    // Back again: nothing returns by itself, and one can share anew.
    expect(await statusOf(change(admin, organization.id, { sharing_disabled: false }))).toBe(200);
    expect(await sharedAmong(ofPerson.id, ofRobot.id)).toBe(0);
    expect(await statusOf(friend.request(`/api/v2/workspaces/${ofRobot.id}`))).toBe(404);
    expect(await statusOf(share(person, ofPerson.id, { user_roles: { [friend.userId]: "use" } }))).toBe(204);
    expect(await statusOf(friend.request(`/api/v2/workspaces/${ofPerson.id}`))).toBe(200);
  });

  it("for service accounts keeps theirs, and only they and those over them share", async () => {
    const { organization, admin, person, robot, friend, ofPerson, ofRobot } = await settle();
    const body = { shareable_workspace_owners: "service_accounts" };
    expect(await statusOf(change(admin, organization.id, body))).toBe(200);
    expect(await sharedAmong(ofPerson.id)).toBe(0);
    expect(await sharedAmong(ofRobot.id)).toBe(1);
    expect(await statusOf(friend.request(`/api/v2/workspaces/${ofPerson.id}`))).toBe(404);
    expect(await statusOf(friend.request(`/api/v2/workspaces/${ofRobot.id}`))).toBe(200);
    const give = { user_roles: { [person.userId]: "admin" } };
    for (const client of [person, admin, owner])
      expect(await statusOf(share(client, ofPerson.id, { user_roles: { [friend.userId]: "use" } }))).toBe(403);
    expect(await statusOf(share(robot, ofRobot.id, give))).toBe(204);
    expect(await statusOf(share(admin, ofRobot.id, { user_roles: { [person.userId]: "use" } }))).toBe(204);
  });

  it("leaves other organisations alone", async () => {
    const [here, there] = [await settle(), await settle()];
    await change(here.admin, here.organization.id, { sharing_disabled: true });
    expect(await sharedAmong(there.ofPerson.id, there.ofRobot.id)).toBe(2);
    await expectRolesOf(there.organization.id, "everyone");
  });

  it("lets nothing through that was asked for at the same time", async () => {
    for (let round = 0; round < 4; round += 1) {
      const { organization, admin, person, friend, ofPerson } = await settle();
      const give = { user_roles: { [friend.userId]: "admin" } };
      await Promise.all([
        share(person, ofPerson.id, give),
        change(admin, organization.id, { shareable_workspace_owners: "none" }),
        share(person, ofPerson.id, give),
      ]);
      expect(await sharedAmong(ofPerson.id)).toBe(0);
    }
  });
});

describe("two admins who change the mode at once", () => {
  it("end with roles and shares of whichever mode stands, and a log that leads there", async () => {
    for (const modes of [
      ["none", "service_accounts"],
      ["service_accounts", "everyone", "none"],
      ["none", "everyone", "none", "service_accounts", "everyone"],
    ] as const) {
      const { organization, admin, ofPerson, ofRobot } = await settle();
      const answers = await Promise.all(
        modes.map((mode, index) =>
          change(index % 2 === 0 ? admin : owner, organization.id, { shareable_workspace_owners: mode }),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(modes.map(() => 200));
      const { shareable_workspace_owners: stands } = await read(owner, organization.id);
      await expectRolesOf(organization.id, stands);
      if (stands !== "everyone") expect(await sharedAmong(ofPerson.id)).toBe(0);
      if (stands === "none") expect(await sharedAmong(ofRobot.id)).toBe(0);
      const lines = (await audited(organization.id)).filter((line) => line.resource_type === "workspace_sharing");
      const steps = lines.map(({ diff }) => modeDiff.parse(diff).shareable_workspace_owners);
      let at = "everyone";
      // Lines of one millisecond have no order of their own: each takes up where another ended.
      while (steps.length > 0) {
        const next = steps.findIndex((step) => step.old === at);
        const [step] = steps.splice(next, next < 0 ? 0 : 1);
        if (step === undefined) throw new Error(`Nothing leads on from ${at}`);
        at = step.new;
      }
      expect(at).toBe(stands);
    }
  });
});

describe("the system roles at start", () => {
  it("are put right once, loudly where one is missing, and left alone where only the order differs", async () => {
    const { organization } = await settle();
    const [id, name] = [organization.id, "organization-member"];
    const lines: string[] = [];
    const reconcile = () =>
      reconcileSystemRoles(
        db,
        Date.now(),
        createLog((_, line) => lines.push(line)),
      );
    await reconcile();
    lines.length = 0;

    await env.DB.prepare(
      `update custom_roles set updated_at = 7, organization_permissions =
        (select json_group_array(json(value)) from (select value from json_each(organization_permissions) order by key desc))
       where organization_id = ? and name = ?`,
    )
      .bind(id, name)
      .run();
    await reconcile();
    expect(lines).toEqual([]);
    expect((await storedRoles(id)).find((role) => role.name === name)?.updated_at).toBe(7);

    await env.DB.prepare("update custom_roles set member_permissions = '[]' where organization_id = ? and name = ?")
      .bind(id, name)
      .run();
    await env.DB.prepare("delete from custom_roles where organization_id = ? and name <> ?").bind(id, name).run();
    await reconcile();
    await expectRolesOf(id, "everyone");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { level: "error", event: "system_roles.missing", organizationId: id, roles: ["organization-service-account"] },
      { level: "info", event: "system_roles.updated", organizationId: id, roles: [name] },
    ]);
    lines.length = 0;
    await reconcile();
    expect(lines).toEqual([]);
  });

  it("are looked after by the first request of an isolate", async () => {
    const { organization } = await settle();
    await env.DB.prepare("delete from custom_roles where organization_id = ?").bind(organization.id).run();
    const fresh = createApp({ log: createLog(() => {}) });
    await send(fresh, "/api/v2/buildinfo");
    await expectRolesOf(organization.id, "everyone");
  });
});
