import { env } from "cloudflare:workers";
import { and, inArray } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { check } from "../../src/access/check.ts";
import { filter, type AccessColumns } from "../../src/access/filter.ts";
import { actions, type ResourceType } from "../../src/access/permissions.ts";
import { auditColumns, auditLogs } from "../../src/audit/schema.ts";
import { chatFiles, chatMessages, chats, chatShares, fileColumns, usageColumns } from "../../src/chats/schema.ts";
import { chatColumns } from "../../src/chats/shares.ts";
import { siteRoles, type SiteRole } from "../../src/contract/identity.ts";
import {
  organizationRoles,
  shareableWorkspaceOwners,
  type OrganizationRole,
} from "../../src/contract/organizations.ts";
import { userColumns, users } from "../../src/identity/schema.ts";
import {
  groupColumns,
  groups,
  memberColumns,
  organizationColumns,
  organizationMembers,
  organizations,
} from "../../src/organizations/schema.ts";
import { openDatabase } from "../../src/platform/d1.ts";
import { newId } from "../../src/platform/ids.ts";
import { actorWith } from "./support.ts";

/*
 * Every table that has a list, with rows in the real database: the columns that its room hands to `filter` find
 * exactly the rows for which `check` says yes. Workspaces have a test of their own, since their shares are a copy.
 */

const RUNS = 150;
const db = openDatabase(env.DB);
const times = { createdAt: 1, updatedAt: 1 };

const people = [newId(), newId(), newId()];
const houses = [newId(), newId()];
const team = newId();

interface Stored {
  id: string;
  ownerId?: string | null;
  organizationId?: string | null;
  shares?: Record<string, string>;
}

/** A list: its resource, its columns, the rows that are in it, and the ids of those that a condition lets through. */
interface List {
  type: ResourceType;
  columns: AccessColumns;
  rows: Stored[];
  found: (condition: ReturnType<typeof filter>) => Promise<{ id: string }[]>;
}

await db.batch([
  db.insert(users).values(
    people.map((id, index) => ({
      id,
      username: `table-${index}`,
      email: "",
      loginType: "none" as const,
      roles: ["member" as const],
      ...times,
    })),
  ),
  db
    .insert(organizations)
    .values(houses.map((id, index) => ({ id, name: `house-${index}`, displayName: "", ...times }))),
]);
const everyPair = people.flatMap((ownerId) => houses.map((organizationId) => ({ ownerId, organizationId })));

const sharings: Record<string, string>[] = [
  {},
  { [people[0] ?? ""]: "viewer" },
  { [team]: "collaborator" },
  { [houses[0] ?? ""]: "viewer", [people[1] ?? ""]: "collaborator" },
];
const chatRows = everyPair.flatMap((place) => sharings.map((shares) => ({ id: newId(), ...place, shares })));
for (const { id, ownerId, organizationId, shares } of chatRows) {
  await db.insert(chats).values({
    id,
    ownerId,
    organizationId,
    rootChatId: id,
    title: "",
    status: "waiting",
    lastModelConfigId: "",
    version: 1,
    ...times,
  });
  for (const [subjectId, role] of Object.entries(shares)) {
    await db.insert(chatShares).values({
      rootChatId: id,
      subjectType: people.includes(subjectId) ? "user" : "group",
      subjectId,
      role: role === "viewer" ? "viewer" : "collaborator",
      createdBy: ownerId,
      createdAt: 1,
    });
  }
}

const fileRows = everyPair.map((place) => ({ id: newId(), ...place }));
await db
  .insert(chatFiles)
  .values(
    fileRows.map((row) => ({ ...row, name: "", mediaType: "image/png" as const, size: 1, sha256: "", createdAt: 1 })),
  );
// What each chat's ledger says is its owner's and its organisation's, whoever else may read the chat.
const ledgerRows = chatRows.map(({ id, ownerId, organizationId }) => ({ id, ownerId, organizationId }));
for (const { id: chatId, ownerId, organizationId } of ledgerRows) {
  await db.insert(chatMessages).values({
    ...{ chatId, id: 1, ownerId, organizationId, rootChatId: chatId, kind: "message", role: "assistant" },
    ...{ visibility: "both", contentVersion: 1, version: 1, createdAt: 1 },
  });
}
const groupRows = [...houses, ...houses].map((organizationId) => ({ id: newId(), organizationId }));
await db.insert(groups).values(groupRows.map((row) => ({ ...row, name: row.id, ...times })));
await db
  .insert(organizationMembers)
  .values(everyPair.map(({ ownerId: userId, organizationId }) => ({ userId, organizationId, roles: [], ...times })));
const auditRows = [...houses, null].map((organizationId) => ({ id: newId(), organizationId }));
for (const row of auditRows) {
  await db.insert(auditLogs).values({
    ...row,
    time: 1,
    action: "write",
    resourceType: "setting",
    resourceId: "",
    resourceTarget: "",
    diff: {},
  });
}

const lists: Record<string, List> = {
  chats: {
    type: "chat",
    columns: chatColumns,
    rows: chatRows,
    found: (readable) =>
      db
        .select({ id: chats.id })
        .from(chats)
        .where(
          and(
            inArray(
              chats.id,
              chatRows.map(({ id }) => id),
            ),
            readable,
          ),
        ),
  },
  chat_files: {
    type: "chat",
    columns: fileColumns,
    rows: fileRows,
    found: (readable) =>
      db
        .select({ id: chatFiles.id })
        .from(chatFiles)
        .where(
          and(
            inArray(
              chatFiles.id,
              fileRows.map(({ id }) => id),
            ),
            readable,
          ),
        ),
  },
  chat_messages: {
    type: "usage",
    columns: usageColumns,
    rows: ledgerRows,
    found: (readable) => db.select({ id: chatMessages.chatId }).from(chatMessages).where(readable),
  },
  users: {
    type: "user",
    columns: userColumns,
    rows: people.map((id) => ({ id, ownerId: id })),
    found: (readable) =>
      db
        .select({ id: users.id })
        .from(users)
        .where(and(inArray(users.id, people), readable)),
  },
  organizations: {
    type: "organization",
    columns: organizationColumns,
    rows: houses.map((id) => ({ id, organizationId: id })),
    found: (readable) =>
      db
        .select({ id: organizations.id })
        .from(organizations)
        .where(and(inArray(organizations.id, houses), readable)),
  },
  organization_members: {
    type: "organization_member",
    columns: memberColumns,
    rows: everyPair.map((place) => ({ id: `${place.organizationId}/${place.ownerId}`, ...place })),
    async found(readable) {
      const { organizationId, userId } = organizationMembers;
      const rows = await db
        .select({ organizationId, userId })
        .from(organizationMembers)
        .where(and(inArray(organizationId, houses), readable));
      return rows.map((row) => ({ id: `${row.organizationId}/${row.userId}` }));
    },
  },
  groups: {
    type: "group",
    columns: groupColumns,
    rows: groupRows,
    found: (readable) =>
      db
        .select({ id: groups.id })
        .from(groups)
        .where(
          and(
            inArray(
              groups.id,
              groupRows.map(({ id }) => id),
            ),
            readable,
          ),
        ),
  },
  audit_logs: {
    type: "audit_log",
    columns: auditColumns,
    rows: auditRows,
    found: (readable) =>
      db
        .select({ id: auditLogs.id })
        .from(auditLogs)
        .where(
          and(
            inArray(
              auditLogs.id,
              auditRows.map(({ id }) => id),
            ),
            readable,
          ),
        ),
  },
};

const anyActor = fc
  .record({
    userId: fc.constantFrom(...people),
    siteRoles: fc.oneof(
      { weight: 2, arbitrary: fc.constant<SiteRole[]>(["member"]) },
      { weight: 1, arbitrary: fc.subarray([...siteRoles]) },
    ),
    organizations: fc.dictionary(fc.constantFrom(...houses), fc.subarray<OrganizationRole>([...organizationRoles])),
    mode: fc.constantFrom(...shareableWorkspaceOwners),
    isServiceAccount: fc.boolean(),
    groupIds: fc.subarray([team]),
    scopes: fc.constantFrom(["all"], ["all"], ["*:read"], ["chat:*"], []),
  })
  .map(actorWith);

describe.each(Object.entries(lists))("the list of %s", (_, { type, columns, rows, found }) => {
  it("has exactly the rows for which check says yes, whoever asks", async () => {
    await fc.assert(
      fc.asyncProperty(anyActor, fc.constantFrom(...actions), async (actor, action) => {
        const allowed = rows.filter(({ id: _id, ...object }) => check(actor, action, { type, ...object }));
        const listed = await found(filter(actor, action, type, columns));
        expect(listed.map(({ id }) => id).toSorted()).toEqual(allowed.map(({ id }) => id).toSorted());
      }),
      { numRuns: RUNS },
    );
  });
});
