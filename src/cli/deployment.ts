import { setupState } from "../contract/identity.ts";
import type { Outcome } from "./child-process.ts";
import {
  bucketIsMissing,
  databaseId,
  isSignedIn,
  secretNames,
  settingOf,
  withDatabaseId,
} from "./deployment-answers.ts";
import { SentenceError } from "./sentence-error.ts";
import { complaint } from "./wrangler.ts";

/** What a deployment needs of the world; tests give it an account that exists in memory. */
export interface DeploymentTools {
  wrangler(args: readonly string[], input?: string): Promise<Outcome>;
  build(): Promise<void>;
  /** Uploads the Worker together with the secrets given and answers its address. */
  upload(secrets: Record<string, string>): Promise<string>;
  readConfig(): string;
  /** Keeps wrangler.toml with the ids of this account beside it, for the commands that follow. */
  writeDeployConfig(toml: string): void;
  makeSecret(name: "SECRET_KEY" | "SETUP_TOKEN"): string;
  /** Names of settings in this environment, which `npm start` would pass on. */
  settings: readonly string[];
  /** The body of `GET /api/v2/setup` of the deployment. */
  askSetup(address: string): Promise<unknown>;
  say(line: string): void;
}

/**
 * Deploys to the Cloudflare account that wrangler is signed in to, making what is missing there, and answers the
 * link to begin with. Every step may be repeated; the first one that fails ends it with a SentenceError, and the
 * Worker that runs is only replaced in the last step.
 */
export async function deploy(tools: DeploymentTools): Promise<string> {
  const { say } = tools;
  const config = tools.readConfig();
  if (!isSignedIn(await tools.wrangler(["whoami", "--json"]))) {
    throw new SentenceError("Sign in to Cloudflare first: npx wrangler login (or set CLOUDFLARE_API_TOKEN).");
  }

  say("Database…");
  tools.writeDeployConfig(withDatabaseId(config, await ensureDatabase(tools, settingOf(config, "database_name"))));
  say("Files…");
  await ensureBucket(tools, settingOf(config, "bucket_name"));
  const present = await presentSecrets(tools);
  const secrets = missingSecrets(tools, present);
  say("Building…");
  await tools.build();
  say("Migrations…");
  await must(
    tools,
    ["d1", "migrations", "apply", "DB", "--remote"],
    "The migrations failed; the Worker was left as it is.",
  );
  say("Uploading…");
  const address = await tools.upload(secrets);

  // What stands in somebody's shell is not what a deployment is to have, unless they say so.
  const local = tools.settings.filter((name) => !present.includes(name) && !config.includes(`${name} =`));
  if (local.length > 0) {
    say(`Set here, but not in the deployment: ${local.join(", ")}.`);
    say("To set one there: npx wrangler secret put NAME --config wrangler.deploy.toml");
  }

  const { completed } = setupState.parse(await tools.askSetup(address));
  if (completed) return `${address}/login`;
  const token = secrets.SETUP_TOKEN ?? (await newSetupToken(tools));
  return `${address}/setup?token=${encodeURIComponent(token)}`;
}

async function ensureDatabase(tools: DeploymentTools, name: string): Promise<string> {
  const before = await must(tools, ["d1", "list", "--json"], "The databases of the account could not be listed.");
  const existing = databaseId(before.stdout, name);
  if (existing !== null) return existing;
  await must(tools, ["d1", "create", name], `The database ${name} could not be made.`);
  const after = await must(tools, ["d1", "list", "--json"], "The databases of the account could not be listed.");
  const made = databaseId(after.stdout, name);
  if (made === null) throw new SentenceError(`The database ${name} was made, but is not in the list yet. Try again.`);
  return made;
}

async function ensureBucket(tools: DeploymentTools, name: string): Promise<void> {
  const info = await tools.wrangler(["r2", "bucket", "info", name, "--json"]);
  if (info.code === 0) return;
  if (!bucketIsMissing(info)) {
    throw new SentenceError(
      `The bucket ${name} could not be looked up. Is R2 enabled in the account?\n${complaint(info)}`,
    );
  }
  await must(tools, ["r2", "bucket", "create", name], `The bucket ${name} could not be made.`);
}

async function presentSecrets(tools: DeploymentTools): Promise<string[]> {
  const listed = await tools.wrangler(["secret", "list", "--format", "json"]);
  const present = secretNames(listed);
  if (present === null) throw new SentenceError(`The Worker's secrets could not be listed.\n${complaint(listed)}`);
  return present;
}

/** New values for the secrets that the Worker lacks. One that is there is never replaced: it opens what is sealed. */
function missingSecrets(tools: DeploymentTools, present: readonly string[]): Record<string, string> {
  const missing = (["SECRET_KEY", "SETUP_TOKEN"] as const).filter((name) => !present.includes(name));
  return Object.fromEntries(missing.map((name) => [name, tools.makeSecret(name)]));
}

/** Nobody has been at the first-run page, and the token of the first deployment cannot be read back. */
async function newSetupToken(tools: DeploymentTools): Promise<string> {
  const token = tools.makeSecret("SETUP_TOKEN");
  await must(tools, ["secret", "put", "SETUP_TOKEN"], "The setup token could not be renewed.", token);
  return token;
}

async function must(
  tools: DeploymentTools,
  args: readonly string[],
  sentence: string,
  input?: string,
): Promise<Outcome> {
  const outcome = await tools.wrangler(args, input);
  if (outcome.code !== 0) throw new SentenceError(`${sentence}\n${complaint(outcome)}`);
  return outcome;
}
