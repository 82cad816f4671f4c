import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { and, inArray } from "drizzle-orm";
import { check } from "../../src/access/check.ts";
import { filter } from "../../src/access/filter.ts";
import { actions } from "../../src/access/permissions.ts";
import { siteRoles, type SiteRole } from "../../src/contract/identity.ts";
import {
  organizationRoles,
  type OrganizationRole,
  shareableWorkspaceOwners,
} from "../../src/contract/organizations.ts";
import { newId } from "../../src/platform/ids.ts";
import { workspaces } from "../../src/workspaces/schema.ts";
import { workspaceColumns, workspaceObject } from "../../src/workspaces/shares.ts";
import { actorWith } from "../access/support.ts";
import { db, insertPerson } from "./support.ts";

/** Each run writes to D1; more find nothing that these do not. */
const RUNS = 60;

const people = [await insertPerson(), await insertPerson(), await insertPerson()].map(({ userId }) => userId);
const organizations = [newId(), newId()];
for (const [index, id] of organizations.entries()) {
  await env.DB.prepare(
    "insert into organizations (id, name, display_name, created_at, updated_at) values (?, ?, '', 1, 1)",
  )
    .bind(id, `filter-${index}`)
    .run();
}
/** The group of everybody is an organisation's own id. */
const groups = [newId(), ...organizations];

const aclOf = (ids: string[]) =>
  fc.dictionary(fc.constantFrom(...ids), fc.constantFrom("use", "admin"), { noNullPrototype: true });
const anyWorkspace = fc.record({
  ownerId: fc.constantFrom(...people),
  organizationId: fc.constantFrom(...organizations),
  // Twice: entries follow the row from its first version to its last.
  userAcl: fc.tuple(aclOf(people), aclOf(people)),
  groupAcl: fc.tuple(aclOf(groups), aclOf(groups)),
});
/** Roles that reach everything would hide what shares do. */
function mostly<T>(plain: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(plain) }, { weight: 1, arbitrary: other });
}
const anyActor = fc
  .record({
    userId: fc.constantFrom(...people),
    siteRoles: mostly<SiteRole[]>(["member"], fc.subarray([...siteRoles])),
    organizations: fc.dictionary(
      fc.constantFrom(...organizations),
      mostly<OrganizationRole[]>([], fc.subarray([...organizationRoles])),
      { minKeys: 1 },
    ),
    mode: fc.constantFrom(...shareableWorkspaceOwners),
    isServiceAccount: fc.boolean(),
    groupIds: fc.subarray([groups[0] ?? ""]),
  })
  .map(actorWith);
const anySwitch = fc.constantFrom<{ DISABLE_WORKSPACE_SHARING?: string }>({}, {}, { DISABLE_WORKSPACE_SHARING: "1" });

describe("the list of workspaces", () => {
  it("has exactly those rows for which check says yes, whoever asks, whatever was shared before", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyWorkspace, { minLength: 1, maxLength: 8 }),
        anyActor,
        fc.constantFrom(...actions),
        anySwitch,
        async (made, actor, action, sharing) => {
          const rows = made.map(({ ownerId, organizationId, userAcl, groupAcl }) => ({
            id: newId(),
            ownerId,
            organizationId,
            userAcl,
            groupAcl,
          }));
          const [first, ...rest] = rows.flatMap(({ userAcl, groupAcl, ...row }) => {
            const times = { createdAt: 1, updatedAt: 1 };
            return [
              db
                .insert(workspaces)
                .values({ ...row, name: row.id, userAcl: userAcl[0], groupAcl: groupAcl[0], ...times }),
              db
                .update(workspaces)
                .set({ userAcl: userAcl[1], groupAcl: groupAcl[1] })
                .where(inArray(workspaces.id, [row.id])),
            ];
          });
          if (first !== undefined) await db.batch([first, ...rest]);
          const ids = rows.map(({ id }) => id);
          const found = await db
            .select({ id: workspaces.id })
            .from(workspaces)
            .where(and(inArray(workspaces.id, ids), filter(actor, action, "workspace", workspaceColumns(sharing))));
          const allowed = rows.filter((row) => {
            const stored = { ...row, userAcl: row.userAcl[1], groupAcl: row.groupAcl[1] };
            return check(actor, action, workspaceObject(stored, sharing));
          });
          expect(found.map(({ id }) => id).toSorted()).toEqual(allowed.map(({ id }) => id).toSorted());
        },
      ),
      { numRuns: RUNS },
    );
  });
});
