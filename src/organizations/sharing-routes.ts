import { createRoute } from "@hono/zod-openapi";
import { sql } from "drizzle-orm";
import { check } from "../access/check.ts";
import { createRouter, jsonAnswer, jsonBody, requireActor } from "../access/router.ts";
import { auditStatement, CHANGED, diffOf } from "../audit/record.ts";
import {
  shareableWorkspaceOwners,
  updateWorkspaceSharingRequest,
  workspaceSharingSettings,
  type ShareableWorkspaceOwners,
} from "../contract/organizations.ts";
import { Problem } from "../platform/problem.ts";
import { endLostUse } from "../workspaces/lost-use.ts";
import { organizationParams } from "./organization-routes.ts";
import { requireOrganization } from "./records.ts";
import { askedMode, sharingIsOff } from "./sharing-mode.ts";
import { changeSharingMode, countSharesRemoved } from "./sharing.ts";

const ROOM = ["Organizations"];
const PATH = "/organizations/{organization}/settings/workspace-sharing";
/** Each loss of a race means that another admin's change was made: more than a few in a row is a fight. */
const ATTEMPTS = 5;

const readRoute = createRoute({
  method: "get",
  path: PATH,
  operationId: "readWorkspaceSharing",
  tags: ROOM,
  summary: "Whose workspaces may be shared in an organisation",
  request: { params: organizationParams },
  responses: { 200: jsonAnswer(workspaceSharingSettings, "The setting") },
});

const updateRoute = createRoute({
  method: "patch",
  path: PATH,
  operationId: "updateWorkspaceSharing",
  tags: ROOM,
  summary: "Set whose workspaces may be shared; shares that it does not allow are removed for good",
  request: { params: organizationParams, body: jsonBody(updateWorkspaceSharingRequest) },
  responses: { 200: jsonAnswer(workspaceSharingSettings, "The setting as it is now") },
});

export const sharingRoutes = createRouter()
  .openapi(readRoute, async function readSharing(c) {
    const actor = requireActor(c);
    const row = await requireOrganization(c.var.db, actor, c.req.valid("param").organization, "read");
    const off = sharingIsOff(c.env);
    const mode = off ? "none" : row.shareableWorkspaceOwners;
    const mayUpdate = check(actor, "update", { type: "organization", organizationId: row.id });
    return c.json(
      {
        sharing_globally_disabled: off,
        ...wireMode(mode),
        ...(mayUpdate ? { shares_removed: await countSharesRemoved(c.var.db, row.id) } : {}),
      },
      200,
    );
  })
  .openapi(updateRoute, async function updateSharing(c) {
    const actor = requireActor(c);
    const { db } = c.var;
    const { organization } = c.req.valid("param");
    // Before the body is judged: who may not change it learns nothing of what it takes.
    await requireOrganization(db, actor, organization, "update");
    const mode = askedMode(c.req.valid("json"));
    if (mode === null) throw nothingAsked();
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const row = await requireOrganization(db, actor, organization, "update");
      const from = row.shareableWorkspaceOwners;
      const audit = auditStatement(c, {
        action: "write",
        resourceType: "workspace_sharing",
        resourceId: row.id,
        target: row.name,
        organizationId: row.id,
        diff: diffOf({ shareable_workspace_owners: from }, { shareable_workspace_owners: mode }),
        // The mode that stands already is written again, so that what hangs on it is put right; nothing changed.
        when: from === mode ? sql`false` : CHANGED,
      });
      const purged = await changeSharingMode(db, { organizationId: row.id, from, to: mode }, audit, c.var.clock());
      if (purged === null) continue;
      await endLostUse(c.env, db, { workspaceIds: purged });
      return c.json({ sharing_globally_disabled: false, ...wireMode(mode) }, 200);
    }
    throw new Problem(409, "Somebody else is changing this.", { detail: "Look again, then repeat it." });
  });

function wireMode(mode: ShareableWorkspaceOwners) {
  return { sharing_disabled: mode === "none", shareable_workspace_owners: mode };
}

function nothingAsked(): Problem {
  const detail = `Name one of ${shareableWorkspaceOwners.join(", ")}.`;
  return new Problem(400, "The request is not valid.", {
    detail,
    errors: [{ pointer: "/shareable_workspace_owners", detail }],
  });
}
