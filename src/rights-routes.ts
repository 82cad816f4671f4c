import { createRoute } from "@hono/zod-openapi";
import { and, asc, eq } from "drizzle-orm";
import { organizationIdsOf, type Actor } from "./access/actor.ts";
import { check } from "./access/check.ts";
import { filter } from "./access/filter.ts";
import { createRouter, jsonAnswer, requireActor } from "./access/router.ts";
import type { OrganizationRights } from "./contract/rights.ts";
import { rights } from "./contract/rights.ts";
import { organizationColumns, organizations } from "./organizations/schema.ts";

const rightsRoute = createRoute({
  method: "get",
  path: "/users/me/rights",
  operationId: "readRights",
  tags: ["Users"],
  summary: "What the caller may do, here and in each organisation",
  responses: { 200: jsonAnswer(rights, "What menus may offer") },
});

/** Asks the same rules as every route does; a page that believes it loses nothing but a click. */
export const rightsRoutes = createRouter().openapi(rightsRoute, async function readRights(c) {
  const actor = requireActor(c);
  const rows = await c.var.db
    .select()
    .from(organizations)
    .where(and(eq(organizations.deleted, false), filter(actor, "read", "organization", organizationColumns)))
    .orderBy(asc(organizations.name));
  const within = rows.map((row) => organizationRights(actor, row));
  const everywhere = { organizationId: null, ownerId: null };
  return c.json(
    {
      manage_deployment: check(actor, "update", { type: "deployment_config" }),
      read_deployment: check(actor, "read", { type: "deployment_config" }),
      read_users: check(actor, "read", { type: "user", ownerId: null }),
      manage_users: check(actor, "update", { type: "user", ownerId: null }),
      create_organizations: check(actor, "create", { type: "organization", organizationId: null }),
      read_audit_log:
        check(actor, "read", { type: "audit_log", ...everywhere }) ||
        organizationIdsOf(actor).some((organizationId) => check(actor, "read", { type: "audit_log", organizationId })),
      read_all_usage: check(actor, "read", { type: "usage", ...everywhere }),
      organizations: within,
    },
    200,
  );
});

function organizationRights(actor: Actor, row: typeof organizations.$inferSelect): OrganizationRights {
  const here = { organizationId: row.id };
  return {
    id: row.id,
    name: row.name,
    display_name: row.displayName,
    is_default: row.isDefault,
    is_member: actor.memberships[row.id] !== undefined,
    update: check(actor, "update", { type: "organization", ...here }),
    read_members: check(actor, "read", { type: "organization_member", ownerId: null, ...here }),
    manage_members: check(actor, "update", { type: "organization_member", ownerId: null, ...here }),
    read_groups: check(actor, "read", { type: "group", ...here }),
    manage_groups: check(actor, "update", { type: "group", ...here }),
    create_workspaces: check(actor, "create", { type: "workspace", ownerId: actor.userId, ...here }),
    read_usage: check(actor, "read", { type: "usage", ownerId: null, ...here }),
  };
}
