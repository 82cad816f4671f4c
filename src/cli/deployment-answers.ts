import { z } from "zod";
import type { Outcome } from "./child-process.ts";

// What wrangler's answers mean. Its words are matched as narrowly as they come: taking a failure for "not there"
// would make a second database, or a new SECRET_KEY under which nothing that is sealed opens again.

const signedIn = z.object({ loggedIn: z.boolean() });
const databases = z.array(z.object({ name: z.string(), uuid: z.string() }));
const secrets = z.array(z.object({ name: z.string() }));
const deployed = z.object({ type: z.literal("deploy"), targets: z.array(z.string()) });

/** Whether `wrangler whoami --json` knows an account. */
export function isSignedIn(outcome: Outcome): boolean {
  const answer = signedIn.safeParse(parsed(outcome.stdout));
  return answer.success && answer.data.loggedIn;
}

/** The id of the database called `name` in the answer of `wrangler d1 list --json`; null when there is none. */
export function databaseId(stdout: string, name: string): string | null {
  return databases.parse(parsed(stdout)).find((database) => database.name === name)?.uuid ?? null;
}

/** Whether `wrangler r2 bucket info` failed because the bucket is not there, and not for another reason. */
export function bucketIsMissing(outcome: Outcome): boolean {
  return outcome.code !== 0 && /\[code: 10006\]|bucket does not exist/.test(outcome.stdout + outcome.stderr);
}

/** The names in the answer of `wrangler secret list`; none when the Worker is new; null when it failed otherwise. */
export function secretNames(outcome: Outcome): string[] | null {
  if (outcome.code === 0) return secrets.parse(parsed(outcome.stdout)).map((secret) => secret.name);
  return /\[code: 10007\]|Worker "[^"]*" not found/.test(outcome.stdout + outcome.stderr) ? [] : null;
}

/** The first address in wrangler's output file, where each line is a JSON object. */
export function deployedAddress(outputFile: string): string | null {
  for (const line of outputFile.split("\n")) {
    const entry = deployed.safeParse(parsed(line));
    const [target] = entry.success ? entry.data.targets : [];
    // A route may come with a pattern's star and without a scheme.
    if (target !== undefined) return `https://${target.replace(/^https?:\/\//, "").replace(/\/?\*?$/, "")}`;
  }
  return null;
}

/** wrangler.toml with the id of the database in it: what commands on the remote database want. */
export function withDatabaseId(toml: string, id: string): string {
  const line = /^database_id = .*$/m;
  if (line.test(toml)) return toml.replace(line, `database_id = "${id}"`);
  const named = toml.replace(/^(database_name = .*)$/m, `$1\ndatabase_id = "${id}"`);
  if (named === toml) throw new Error("wrangler.toml names no database.");
  return named;
}

/** A setting of wrangler.toml by its name, such as `database_name`. */
export function settingOf(toml: string, name: string): string {
  const value = new RegExp(`^${name} = "([^"]+)"$`, "m").exec(toml)?.[1];
  if (value === undefined) throw new Error(`wrangler.toml has no ${name}.`);
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON, so no schema above takes it; the caller says what that means.
    return null;
  }
}
