import type { Health } from "../contract/health.ts";
import { log } from "./log.ts";
import { SCHEMA_VERSION } from "./schema-version.ts";

type Check = Health["checks"][number];

const BINDINGS = ["DB", "FILES", "ASSETS", "CHATS", "WORKSPACES", "USERS"] as const;
/** 256 bits of text: what sealing derives its key from. */
const SECRET_KEY_BYTES = 32;
/** A database that takes longer is not well, and whoever asks has a time limit of their own. */
const DATABASE_TIMEOUT_MS = 5_000;

/** Whether this deployment has what it needs, check by check. Says what is missing, never what is there. */
export async function readHealth(env: Env): Promise<Health> {
  const checks = [...checkBindings(env), ...checkSecrets(env), await checkDatabase(env)];
  return { ok: checks.every((check) => check.ok), checks };
}

function checkBindings(env: Env): Check[] {
  return BINDINGS.map((name) =>
    result(`binding ${name}`, Boolean(env[name]), `wrangler.toml has no binding ${name}; restore it and deploy again.`),
  );
}

function checkSecrets(env: Env): Check[] {
  const keyBytes = new TextEncoder().encode(env.SECRET_KEY ?? "").byteLength;
  const key =
    keyBytes === 0
      ? "SECRET_KEY is missing; `npm run deploy` makes one."
      : `SECRET_KEY is shorter than ${SECRET_KEY_BYTES} bytes; set a longer one with \`wrangler secret put SECRET_KEY\`.`;
  return [
    result("secret SECRET_KEY", keyBytes >= SECRET_KEY_BYTES, key),
    result("secret SETUP_TOKEN", Boolean(env.SETUP_TOKEN), "SETUP_TOKEN is missing; `npm run deploy` makes one."),
  ];
}

async function checkDatabase(env: Env): Promise<Check> {
  const name = "database";
  if (!env.DB) return result(name, false, "There is no database to ask.");
  try {
    const newest = await withTimeout(newestMigration(env.DB), DATABASE_TIMEOUT_MS);
    // Newer is fine: migrations are additive, and an old Worker serves on for minutes at every deploy.
    const current = newest !== null && newest >= SCHEMA_VERSION;
    return result(
      name,
      current,
      `The database is at ${newest ?? "no migration"}, the code needs ${SCHEMA_VERSION}; run the migrations.`,
    );
  } catch (error) {
    log.error("health.database", { error });
    return result(name, false, "The database does not answer.");
  }
}

/** Null when no migration ever ran; then there is no table either. */
async function newestMigration(db: D1Database): Promise<string | null> {
  const table = await db.prepare("select 1 from sqlite_master where type = 'table' and name = 'd1_migrations'").first();
  if (table === null) return null;
  return db.prepare("select max(name) as name from d1_migrations").first<string>("name");
}

async function withTimeout<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}

function result(name: string, ok: boolean, detail: string): Check {
  return ok ? { name, ok } : { name, ok, detail };
}
