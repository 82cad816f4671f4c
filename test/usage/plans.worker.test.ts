import { env } from "cloudflare:workers";
import { sql, type SQL } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { filter } from "../../src/access/filter.ts";
import { chatColumns } from "../../src/chats/shares.ts";
import { usageColumns } from "../../src/chats/schema.ts";
import { openDatabase } from "../../src/platform/d1.ts";
import { newId } from "../../src/platform/ids.ts";
import { callsStatement } from "../../src/usage/calls.ts";
import { localDays } from "../../src/usage/days.ts";
import {
  groupsStatement,
  modelsStatement,
  organizationsStatement,
  summaryStatements,
  usersStatement,
  daysStatement,
} from "../../src/usage/records.ts";
import type { UsageScope } from "../../src/usage/scope.ts";
import { actorWith } from "../access/support.ts";

/* However long the ledger is, a figure reads its part of one index and never opens a row. */

const db = openDatabase(env.DB);
const range = { from: 0, to: 30 * 86_400_000 };
const [ours, theirs, team] = [newId(), newId(), newId()];
const member = actorWith({ userId: newId(), organizations: { [ours]: [], [theirs]: [] } });
const admin = actorWith({ organizations: { [ours]: ["organization-admin"], [theirs]: [] } });
const auditor = actorWith({ siteRoles: ["member", "auditor"] });

function scopeOf(actor: typeof member, change: Partial<UsageScope> = {}): UsageScope {
  const readable = filter(actor, "read", "usage", usageColumns);
  return {
    readable,
    ownerId: null,
    organizationIds: null,
    group: null,
    modelConfigId: null,
    rootChatId: null,
    ...change,
  };
}

/** How the ledger is come to, a line for each time. */
async function ledgerSteps(statement: SQL): Promise<string[]> {
  const plan = await db.all<{ detail: string }>(sql`explain query plan ${statement}`);
  return plan.map(({ detail }) => detail).filter((detail) => /\bchat_messages\b/.test(detail));
}

const readableChats = filter(member, "read", "chat", chatColumns);
const days = localDays(range, "Europe/Berlin");

function figuresOf(scope: UsageScope): Record<string, SQL> {
  const [models, chats] = summaryStatements({ scope, range, readableChats, chats: 100 });
  if (models === undefined || chats === undefined) throw new Error("A summary is by model and by chat.");
  return { models, chats, daily: daysStatement(scope, range, days) };
}

const ofOne = {
  themselves: scopeOf(member, { ownerId: member.userId }),
  "an auditor": scopeOf(auditor, { ownerId: member.userId }),
  "an organisation's admin": scopeOf(admin, { ownerId: member.userId }),
  "an auditor, of one chat and model": scopeOf(auditor, {
    ...{ ownerId: member.userId, rootChatId: newId(), modelConfigId: newId() },
  }),
  "an auditor, in one organisation": scopeOf(auditor, { ownerId: member.userId, organizationIds: [ours] }),
};
const ofAll = {
  "an auditor": scopeOf(auditor),
  "an organisation's admin": scopeOf(admin, { organizationIds: [ours] }),
  "an auditor, of one model": scopeOf(auditor, { modelConfigId: newId() }),
};

describe.each(Object.entries(ofOne))("the plan of a person's figures, for %s", (_, scope) => {
  it.each(Object.entries(figuresOf(scope)))("reads %s from the index of owners alone", async (__, statement) => {
    const steps = await ledgerSteps(statement);
    expect(steps.length).toBeGreaterThan(0);
    for (const step of steps) {
      expect(step).toMatch(
        /^SEARCH .*USING COVERING INDEX chat_messages_owner_usage \(owner_id=\? AND created_at>\? AND/,
      );
    }
  });

  it("finds calls there, newest first, and opens only those that it shows", async () => {
    const statement = callsStatement({ scope, range, kind: null }, null, 51);
    const steps = await ledgerSteps(statement);
    expect(steps).toHaveLength(1);
    expect(steps[0]).toMatch(/^SEARCH .*USING INDEX chat_messages_owner_usage \(owner_id=\? AND created_at>\? AND/);
  });
});

describe.each(Object.entries(ofAll))("the plan of everybody's figures, for %s", (_, scope) => {
  const all = {
    ...figuresOf(scope),
    modelsAlone: modelsStatement(scope, range),
    users: usersStatement(scope, range, { text: "", limit: 10, offset: 0 }),
    organizations: organizationsStatement(scope, range),
    groups: groupsStatement(scope, range),
  };
  it.each(Object.entries(all))("reads %s from the index of times alone", async (__, statement) => {
    const steps = await ledgerSteps(statement);
    expect(steps).toHaveLength(1);
    expect(steps[0]).toMatch(/^SEARCH .*USING COVERING INDEX chat_messages_usage \(created_at>\? AND created_at<\?\)/);
  });
});

describe("the plan of a group's figures", () => {
  it.each(Object.entries(figuresOf(scopeOf(auditor, { group: { id: team, organizationId: ours } }))))(
    "reads %s from an index alone",
    async (_, statement) => {
      const steps = await ledgerSteps(statement);
      expect(steps.length).toBeGreaterThan(0);
      for (const step of steps) expect(step).toMatch(/^SEARCH .*USING COVERING INDEX chat_messages_(owner_)?usage \(/);
    },
  );
});
