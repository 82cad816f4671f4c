import { SentenceError } from "./sentence-error.ts";
import { complaint, wrangler } from "./wrangler.ts";

/** Brings the local database up to the newest migration. */
export async function migrateLocal(persistTo: string, env: NodeJS.ProcessEnv): Promise<void> {
  const outcome = await wrangler(["d1", "migrations", "apply", "DB", "--local", "--persist-to", persistTo], { env });
  if (outcome.code !== 0) {
    throw new SentenceError(`The local database in ${persistTo} could not be migrated.\n${complaint(outcome)}`);
  }
}

/** Runs a file of SQL statements on the local database. */
export async function executeLocal(persistTo: string, file: string, env: NodeJS.ProcessEnv): Promise<void> {
  const outcome = await wrangler(
    ["d1", "execute", "DB", "--local", "--yes", "--persist-to", persistTo, "--file", file],
    { env },
  );
  if (outcome.code !== 0) {
    throw new SentenceError(`The local database in ${persistTo} refused a change.\n${complaint(outcome)}`);
  }
}
