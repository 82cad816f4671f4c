import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { SiteRole } from "../../src/contract/identity.ts";
import {
  group,
  organization,
  type Group,
  type Organization,
  type OrganizationRole,
} from "../../src/contract/organizations.ts";
import { workspaceConnection, type Workspace } from "../../src/contract/workspaces.ts";
import { DEFAULT_ORGANIZATION_ID } from "../../src/organizations/schema.ts";
import type { Client, SignedIn } from "../support/app.ts";

export const DEFAULT = DEFAULT_ORGANIZATION_ID;

type App = { addUser(name: string, roles?: SiteRole[]): Promise<SignedIn>; owner: Client };

export async function newOrganization(owner: Client, name: string): Promise<Organization> {
  const response = await owner.request("/api/v2/organizations", { method: "POST", body: { name } });
  expect(response.status).toBe(201);
  return organization.parse(await response.json());
}

/** Somebody who is in these organisations and no other. */
export async function memberOf(
  { addUser }: App,
  name: string,
  organizations: Readonly<Record<string, OrganizationRole[]>>,
  siteRoles: SiteRole[] = ["member"],
): Promise<SignedIn> {
  const person = await addUser(name, siteRoles);
  await env.DB.prepare("delete from organization_members where user_id = ?").bind(person.userId).run();
  for (const [id, roles] of Object.entries(organizations)) {
    await env.DB.prepare("insert into organization_members values (?, ?, ?, 1, 1)")
      .bind(id, person.userId, JSON.stringify(roles))
      .run();
  }
  return person;
}

/** Makes a service account of somebody. */
export async function asServiceAccount(person: SignedIn): Promise<SignedIn> {
  await env.DB.prepare("update users set is_service_account = 1, email = '' where id = ?").bind(person.userId).run();
  return person;
}

export async function newWorkspace(client: Client, name: string, organizationId?: string): Promise<Workspace> {
  const body = { name, ...(organizationId === undefined ? {} : { organization_id: organizationId }) };
  const response = await client.request("/api/v2/workspaces", { method: "POST", body });
  expect(response.status).toBe(201);
  return workspaceConnection.parse(await response.json()).workspace;
}

export async function newGroup(client: Client, organizationId: string, name: string, users: Client[]): Promise<Group> {
  const made = await client.request(`/api/v2/organizations/${organizationId}/groups`, {
    method: "POST",
    body: { name },
  });
  expect(made.status).toBe(201);
  const { id } = group.parse(await made.json());
  const body = { add_users: users.map(({ userId }) => userId) };
  const filled = await client.request(`/api/v2/groups/${id}`, { method: "PATCH", body });
  expect(filled.status).toBe(200);
  return group.parse(await filled.json());
}

/** Every line of the audit log about this object, oldest first. */
export async function audited(resourceId: string) {
  const { results } = await env.DB.prepare(
    "select action, resource_type, user_id, resource_target, diff from audit_logs where resource_id = ? order by time, id",
  )
    .bind(resourceId)
    .all<{ action: string; resource_type: string; user_id: string; resource_target: string; diff: string }>();
  return results.map(({ diff, ...line }) => ({ ...line, diff: JSON.parse(diff) as unknown }));
}

export async function statusOf(answer: Promise<Response>): Promise<number> {
  return (await answer).status;
}
