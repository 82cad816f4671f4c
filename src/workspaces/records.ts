import { and, count, desc, eq, getTableColumns, isNull, lt, sql, type SQL } from "drizzle-orm";
import type { Actor } from "../access/actor.ts";
import { check, groundFor } from "../access/check.ts";
import type { AuditInsert } from "../audit/record.ts";
import type { ShareableWorkspaceOwners } from "../contract/organizations.ts";
import type { AgentHello } from "../contract/workspace.ts";
import { workspaceActions, type Workspace } from "../contract/workspaces.ts";
import { users } from "../identity/schema.ts";
import { organizations } from "../organizations/schema.ts";
import { sharingIsOff, whyNotShareable, type SharingSwitch } from "../organizations/sharing-mode.ts";
import { toWireTime, toWireTimeOrNull } from "../platform/clock.ts";
import type { Database } from "../platform/d1.ts";
import { newId } from "../platform/ids.ts";
import { workspaceAgents, workspaceBuilds, workspaces } from "./schema.ts";
import { mayUse, workspaceObject } from "./shares.ts";

/** The newest build of the workspace in the same row. */
export const newestBuild = and(
  eq(workspaceBuilds.workspaceId, workspaces.id),
  sql`${workspaceBuilds.buildNumber} = (select max(newest.build_number) from workspace_builds newest
    where newest.workspace_id = ${workspaces.id})`,
);

/** Its first agent: the one that every use of the workspace reaches. */
export const firstAgent = sql`${workspaceAgents.id} = (select first.id from workspace_agents first
  where first.build_id = ${workspaceBuilds.id} order by first.created_at, first.id limit 1)`;

export type WorkspaceRow = {
  workspace: typeof workspaces.$inferSelect;
  build: typeof workspaceBuilds.$inferSelect;
  agent: typeof workspaceAgents.$inferSelect;
  owner: { username: string; isServiceAccount: boolean } | null;
  /** Of its organisation. */
  sharing: ShareableWorkspaceOwners | null;
};

function selectWorkspaces(db: Database) {
  return (
    db
      .select({
        workspace: getTableColumns(workspaces),
        build: getTableColumns(workspaceBuilds),
        agent: getTableColumns(workspaceAgents),
        owner: { username: users.username, isServiceAccount: users.isServiceAccount },
        sharing: organizations.shareableWorkspaceOwners,
      })
      .from(workspaces)
      .innerJoin(workspaceBuilds, newestBuild)
      .innerJoin(workspaceAgents, firstAgent)
      // Each has both. Left joins keep the workspaces the outer loop, in the order of the list.
      .leftJoin(users, eq(users.id, workspaces.ownerId))
      .leftJoin(organizations, eq(organizations.id, workspaces.organizationId))
  );
}

/** A workspace as one person sees it. The agent's id and token stay inside. */
export function toWorkspace(row: WorkspaceRow, actor: Actor, env: SharingSwitch): Workspace {
  const { workspace, build, agent, owner } = row;
  return {
    id: workspace.id,
    owner_id: workspace.ownerId,
    owner_name: owner?.username ?? "",
    organization_id: workspace.organizationId,
    name: workspace.name,
    ...standingOf(row, actor, env),
    created_at: toWireTime(workspace.createdAt),
    updated_at: toWireTime(workspace.updatedAt),
    latest_build: { build_number: build.buildNumber, created_at: toWireTime(build.createdAt) },
    agent: {
      status: agentStatus(agent),
      name: agent.name,
      version: agent.version,
      os: agent.os,
      arch: agent.arch,
      hostname: agent.hostname,
      directory: agent.directory,
      first_connected_at: toWireTimeOrNull(agent.firstConnectedAt),
      last_connected_at: toWireTimeOrNull(agent.lastConnectedAt),
      disconnected_at: toWireTimeOrNull(agent.disconnectedAt),
    },
  };
}

function standingOf(row: WorkspaceRow, actor: Actor, env: SharingSwitch) {
  const object = workspaceObject(row.workspace, env);
  const ground = groundFor(actor, "read", object);
  const shared = [actor.userId, ...actor.groupIds].map((id) => object.shares?.[id]);
  const shareable = whyNotShareable(row.sharing ?? "none", row.owner?.isServiceAccount ?? false) === null;
  return {
    your_role:
      ground === "own"
        ? "owner"
        : ground === "shared"
          ? shared.includes("admin")
            ? "admin"
            : "use"
          : (ground ?? undefined),
    your_actions: workspaceActions.filter((action) => {
      if (action === "use") return mayUse(actor, object);
      return check(actor, action, object) && (action !== "share" || (shareable && !sharingIsOff(env)));
    }),
  } as const;
}

function agentStatus(agent: typeof workspaceAgents.$inferSelect): Workspace["agent"]["status"] {
  if (agent.firstConnectedAt === null) return "connecting";
  return agent.disconnectedAt === null ? "connected" : "disconnected";
}

/** A workspace that was not forgotten, or null. Who may read it, the caller decides. */
export async function readWorkspace(db: Database, id: string): Promise<WorkspaceRow | null> {
  const [row] = await selectWorkspaces(db)
    .where(and(eq(workspaces.id, id), eq(workspaces.deleted, false)))
    .limit(1);
  return row ?? null;
}

export interface WorkspacePage {
  after: { id: string; updatedAt: number } | null;
  limit: number;
}

/** One page of the workspaces that `readable` lets through, the last changed first, and how many there are in all. */
export async function listWorkspaces(
  db: Database,
  readable: SQL,
  page: WorkspacePage,
): Promise<{ workspaces: WorkspaceRow[]; count: number }> {
  // Not a batch: there D1 answers rows by column name, and a join has several of one name.
  const [rows, totals] = await Promise.all([
    selectWorkspacePage(db, readable, page),
    db
      .select({ count: count() })
      .from(workspaces)
      .where(and(readable, eq(workspaces.deleted, false))),
  ]);
  return { workspaces: rows, count: totals[0]?.count ?? 0 };
}

export function selectWorkspacePage(db: Database, readable: SQL, { after, limit }: WorkspacePage) {
  // A row value: the index of (owner, updated_at, id) begins right at the cursor.
  const beyond =
    after === null ? undefined : sql`(${workspaces.updatedAt}, ${workspaces.id}) < (${after.updatedAt}, ${after.id})`;
  return selectWorkspaces(db)
    .where(and(readable, eq(workspaces.deleted, false), beyond))
    .orderBy(desc(workspaces.updatedAt), desc(workspaces.id))
    .limit(limit);
}

/** Where a page that begins after this workspace begins; null when the id is no workspace that `readable` lets through. */
export async function workspaceCursor(
  db: Database,
  readable: SQL,
  id: string,
): Promise<{ id: string; updatedAt: number } | null> {
  const [row] = await db
    .select({ id: workspaces.id, updatedAt: workspaces.updatedAt })
    .from(workspaces)
    .where(and(eq(workspaces.id, id), readable))
    .limit(1);
  return row ?? null;
}

export interface NewWorkspace {
  ownerId: string;
  organizationId: string;
  name: string;
  tokenHash: string;
  now: number;
}

/** Makes a workspace with build 1 and its agent. False: the owner has one of this name. */
export async function insertWorkspace(
  db: Database,
  input: NewWorkspace,
  audit: (id: string) => AuditInsert,
): Promise<{ id: string } | null> {
  const id = newId();
  const { ownerId, organizationId, name, now } = input;
  const free = sql`not exists (select 1 from workspaces taken where taken.owner_id = ${ownerId}
    and lower(taken.name) = lower(${name}) and taken.deleted = 0)`;
  const [inserted] = await db.batch([
    db
      .insert(workspaces)
      .select(
        sql`select ${id}, ${ownerId}, ${organizationId}, ${name}, null, '{}', '{}', 0, ${now}, ${now} where ${free}`,
      )
      .returning({ id: workspaces.id }),
    audit(id),
    ...buildStatements(db, id, input.tokenHash, now),
  ]);
  return inserted.length === 1 ? { id } : null;
}

/** A new build with a new agent; what the agents of the builds before send no longer counts. */
export async function insertBuild(
  db: Database,
  { workspaceId, tokenHash, now }: { workspaceId: string; tokenHash: string; now: number },
  audit: AuditInsert,
): Promise<void> {
  await db.batch([
    db
      .update(workspaces)
      .set({ updatedAt: now })
      .where(and(eq(workspaces.id, workspaceId), eq(workspaces.deleted, false))),
    audit,
    ...buildStatements(db, workspaceId, tokenHash, now),
  ]);
}

/**
 * `insert … select` names every column in the order of the schema: drizzle's batch takes builders only.
 * Both do nothing when the workspace is not there, so they can stand behind the statement that makes it.
 */
function buildStatements(db: Database, workspaceId: string, tokenHash: string, now: number) {
  const buildId = newId();
  const number = sql`(select coalesce(max(build_number), 0) + 1 from workspace_builds where workspace_id = ${workspaceId})`;
  return [
    db
      .insert(workspaceBuilds)
      .select(sql`select ${buildId}, id, ${number}, ${now} from workspaces where id = ${workspaceId} and deleted = 0`),
    db.insert(workspaceAgents).select(
      sql`select ${newId()}, id, workspace_id, 'main', ${tokenHash}, null, '', '', '', '', '', null, null, null, ${now}
        from workspace_builds where id = ${buildId}`,
    ),
  ] as const;
}

/** False: the owner has another workspace of this name. */
export async function renameWorkspace(
  db: Database,
  id: string,
  name: string,
  now: number,
  audit: AuditInsert,
): Promise<boolean> {
  const [renamed] = await db.batch([
    db
      .update(workspaces)
      .set({ name, updatedAt: now })
      .where(
        and(
          eq(workspaces.id, id),
          eq(workspaces.deleted, false),
          sql`not exists (select 1 from workspaces taken where taken.owner_id = ${workspaces.ownerId}
            and taken.id != ${workspaces.id} and lower(taken.name) = lower(${name}) and taken.deleted = 0)`,
        ),
      )
      .returning({ id: workspaces.id }),
    audit,
  ]);
  return renamed.length === 1;
}

/** Forgets a workspace: its row stays for the chats that used it, its agent's token ends. */
export async function deleteWorkspace(db: Database, id: string, now: number, audit: AuditInsert): Promise<void> {
  await db.batch([
    db
      .update(workspaces)
      .set({ deleted: true, updatedAt: now })
      .where(and(eq(workspaces.id, id), eq(workspaces.deleted, false))),
    audit,
  ]);
}

/** Whose token this is: an agent of the newest build of a workspace that is still there, else null. */
export async function readAgentByToken(
  db: Database,
  tokenHash: string,
): Promise<{ agentId: string; workspaceId: string } | null> {
  const [row] = await db
    .select({ agentId: workspaceAgents.id, workspaceId: workspaces.id })
    .from(workspaceAgents)
    .innerJoin(workspaceBuilds, eq(workspaceBuilds.id, workspaceAgents.buildId))
    .innerJoin(workspaces, newestBuild)
    .where(and(eq(workspaceAgents.tokenHash, tokenHash), eq(workspaces.deleted, false)))
    .limit(1);
  return row ?? null;
}

/** Notes what an agent says of itself. False: it does not serve the workspace any more. */
export async function recordConnection(
  db: Database,
  agentId: string,
  hello: AgentHello,
  now: number,
): Promise<boolean> {
  const updated = await db
    .update(workspaceAgents)
    .set({
      bootId: hello.boot_id,
      version: hello.version,
      os: hello.os,
      arch: hello.arch,
      hostname: hello.hostname,
      directory: hello.directory,
      firstConnectedAt: sql`coalesce(${workspaceAgents.firstConnectedAt}, ${now})`,
      lastConnectedAt: now,
      disconnectedAt: null,
    })
    .where(
      and(
        eq(workspaceAgents.id, agentId),
        sql`exists (select 1 from workspaces w join workspace_builds b on b.workspace_id = w.id
          where w.id = ${workspaceAgents.workspaceId} and w.deleted = 0 and b.id = ${workspaceAgents.buildId}
          and b.build_number = (select max(build_number) from workspace_builds where workspace_id = w.id))`,
      ),
    )
    .returning({ id: workspaceAgents.id });
  return updated.length === 1;
}

/**
 * Notes that no agent of the workspace is connected but those in `except`. One that connected at `now`
 * or later is left alone: this may arrive after its hello.
 */
export async function recordDisconnections(
  db: Database,
  workspaceId: string,
  except: string[],
  now: number,
): Promise<void> {
  await db
    .update(workspaceAgents)
    .set({ disconnectedAt: now })
    .where(
      and(
        // By the builds: their index finds the workspace's few agents among all.
        sql`${workspaceAgents.buildId} in (select id from workspace_builds where workspace_id = ${workspaceId})`,
        isNull(workspaceAgents.disconnectedAt),
        lt(workspaceAgents.lastConnectedAt, now),
        sql`${workspaceAgents.id} not in (select value from json_each(${JSON.stringify(except)}))`,
      ),
    );
}
