import type { Context } from "hono";
import type { AppEnv } from "../access/router.ts";
import { auditStatement, CHANGED } from "../audit/record.ts";
import { syncUnanswered } from "../git/sync/wake.ts";
import { runBatch } from "../platform/d1.ts";
import { connectStatement, disconnectStatement, linkStore, type ExternalLink, type Tokens } from "./links.ts";
import type { ExternalAuthSettings } from "./ports.ts";

type Named = Pick<ExternalAuthSettings, "id" | "displayName">;

/** Keeps the tokens as the person's, in place of those that they had there, with a line in the audit log. */
export async function connect(c: Context<AppEnv>, provider: Named, userId: string, tokens: Tokens): Promise<void> {
  const whose = { userId, providerId: provider.id };
  const before = await readLink(c, whose);
  await runBatch(c.var.db, [
    await connectStatement(c.env.SECRET_KEY, whose, tokens, c.var.clock()),
    auditStatement(c, {
      action: before === null ? "create" : "write",
      ...lineOf(provider),
      userId,
      ...(before === null ? {} : { diff: { access: { secret: true } } }),
      when: CHANGED,
    }),
  ]);
  await syncUnanswered(c.env, c.var.db, userId, c.var.clock());
}

/** Takes the person's link off; null when they had none. What it held is for its revocation. */
export async function disconnect(c: Context<AppEnv>, provider: Named, userId: string): Promise<ExternalLink | null> {
  const whose = { userId, providerId: provider.id };
  const link = await readLink(c, whose);
  if (link === null) return null;
  const [removed] = await runBatch(c.var.db, [
    disconnectStatement(whose),
    auditStatement(c, { action: "delete", ...lineOf(provider), userId, when: CHANGED }),
  ]);
  return removed?.meta.changes === 0 ? null : link;
}

function lineOf({ id, displayName }: Named) {
  return { resourceType: "external_auth_link", resourceId: id, target: displayName } as const;
}

function readLink(c: Context<AppEnv>, whose: { userId: string; providerId: string }): Promise<ExternalLink | null> {
  return linkStore(c.var.db, c.env.SECRET_KEY, whose).read();
}
