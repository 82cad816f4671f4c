import { and, desc, eq, gte, lt, sql, type SQL } from "drizzle-orm";
import type { AuditAction, AuditLog, AuditResourceType } from "../contract/audit.ts";
import { users } from "../identity/schema.ts";
import { toWireTime } from "../platform/clock.ts";
import type { Database } from "../platform/d1.ts";
import { describeAudit } from "./description.ts";
import { auditLogs } from "./schema.ts";

/** What of the log is asked for. Null = whatever it is. */
export interface AuditQuestion {
  /** What the actor may read, as `filter` says it. */
  readable: SQL;
  /** In the object's name, who did it, or the address it came from; taken literally. */
  text: string | null;
  /** The id or name of who did it. */
  user: string | null;
  action: AuditAction | null;
  resourceType: AuditResourceType | null;
  organizationId: string | null;
  /** Milliseconds; `to` is excluded. */
  from: number | null;
  to: number | null;
}

export interface AuditCursor {
  id: string;
  time: number;
}

function matching(question: AuditQuestion): SQL | undefined {
  const { readable, text, user, action, resourceType, organizationId, from, to } = question;
  const among = (column: SQL) => sql`instr(lower(${column}), lower(${text})) > 0`;
  return and(
    readable,
    text === null
      ? undefined
      : sql`(${among(sql`${auditLogs.resourceTarget}`)} or ${auditLogs.resourceId} = ${text} or ${auditLogs.ip} = ${text}
          or ${auditLogs.userId} in (select p.id from users p where instr(lower(p.username), lower(${text})) > 0))`,
    user === null
      ? undefined
      : sql`${auditLogs.userId} in (select ${user} union all select p.id from users p where lower(p.username) = lower(${user}))`,
    action === null ? undefined : eq(auditLogs.action, action),
    resourceType === null ? undefined : eq(auditLogs.resourceType, resourceType),
    organizationId === null ? undefined : eq(auditLogs.organizationId, organizationId),
    from === null ? undefined : gte(auditLogs.time, from),
    to === null ? undefined : lt(auditLogs.time, to),
  );
}

/** A page of the log, newest first, with who did it as they are called now. */
export function selectAudit(db: Database, question: AuditQuestion, page: { after: AuditCursor | null; limit: number }) {
  const { after, limit } = page;
  return db
    .select({
      log: auditLogs,
      user: {
        id: users.id,
        username: users.username,
        name: users.name,
        avatarUrl: users.avatarUrl,
      },
    })
    .from(auditLogs)
    .leftJoin(users, eq(users.id, auditLogs.userId))
    .where(
      and(
        matching(question),
        after === null ? undefined : sql`(${auditLogs.time}, ${auditLogs.id}) < (${after.time}, ${after.id})`,
      ),
    )
    .orderBy(desc(auditLogs.time), desc(auditLogs.id))
    .limit(limit);
}

export async function countAudit(db: Database, question: AuditQuestion): Promise<number> {
  const [row] = await db
    .select({ count: sql<number>`count(*)` })
    .from(auditLogs)
    .where(matching(question));
  return row?.count ?? 0;
}

/** Where the page after this line begins; null when it is none that `readable` lets through. */
export async function auditCursor(db: Database, readable: SQL, id: string): Promise<AuditCursor | null> {
  const [row] = await db
    .select({ id: auditLogs.id, time: auditLogs.time })
    .from(auditLogs)
    .where(and(eq(auditLogs.id, id), readable));
  return row ?? null;
}

type AuditRow = Awaited<ReturnType<typeof selectAudit>>[number];

export function toAuditLog({ log, user }: AuditRow): AuditLog {
  const { action, resourceType, resourceTarget, diff } = log;
  return {
    id: log.id,
    time: toWireTime(log.time),
    user: user === null ? null : { id: user.id, username: user.username, name: user.name, avatar_url: user.avatarUrl },
    organization_id: log.organizationId,
    action,
    resource_type: resourceType,
    resource_id: log.resourceId,
    resource_target: resourceTarget,
    diff,
    ip: log.ip,
    user_agent: log.userAgent,
    request_id: log.requestId,
    description: describeAudit({
      action,
      resourceType,
      target: resourceTarget,
      diff,
      username: user?.username ?? null,
    }),
  };
}
