import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { deployedAddress } from "./deployment-answers.ts";
import { deploy } from "./deployment.ts";
import { makeSecret } from "./local-secrets.ts";
import { readIfThere, writePrivateFile } from "./private-file.ts";
import { projectDirectory } from "./project.ts";
import { SentenceError } from "./sentence-error.ts";
import { build } from "./web-build.ts";
import { settingsIn } from "./worker-settings.ts";
import { complaint, wrangler } from "./wrangler.ts";

// `npm run deploy`: to the Cloudflare account that wrangler is signed in to.

/** Beside wrangler.toml, whose paths are relative, and ignored by git: the ids are one account's own. */
const deployConfig = join(projectDirectory, "wrangler.deploy.toml");
const scratch = mkdtempSync(join(tmpdir(), "tideline-deploy-"));

/** Commands that look at what the config names; the others take the account from the sign-in alone. */
const needConfig = new Set(["d1 migrations", "secret list", "secret put"]);

try {
  const link = await deploy({
    wrangler: (args, input) =>
      wrangler(needConfig.has(args.slice(0, 2).join(" ")) ? [...args, "--config", deployConfig] : args, {
        env: process.env,
        ...(input !== undefined && { input }),
      }),
    build: () => build(process.env),
    upload,
    readConfig: () => readFileSync(join(projectDirectory, "wrangler.toml"), "utf8"),
    writeDeployConfig: (toml) => writeFileSync(deployConfig, toml),
    makeSecret,
    settings: settingsIn(process.env),
    askSetup,
    say: (line) => console.log(line),
  });
  console.log(`\nDeployed: ${link}\n`);
} catch (error) {
  if (!(error instanceof SentenceError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true });
}

/** The secrets travel with the code, so that the Worker never runs without them, and never as arguments. */
async function upload(secrets: Record<string, string>): Promise<string> {
  const secretsFile = join(scratch, "secrets.json");
  const outputFile = join(scratch, "output.ndjson");
  writePrivateFile(secretsFile, JSON.stringify(secrets));
  const withSecrets = Object.keys(secrets).length > 0 ? ["--secrets-file", secretsFile] : [];
  const outcome = await wrangler(["deploy", "--config", deployConfig, ...withSecrets], {
    env: { ...process.env, WRANGLER_OUTPUT_FILE_PATH: outputFile },
  });
  if (outcome.code !== 0) throw new SentenceError(`The Worker could not be uploaded.\n${complaint(outcome)}`);
  const address = deployedAddress(readIfThere(outputFile) ?? "");
  if (address === null)
    throw new SentenceError("The Worker was uploaded, but has no address: see workers_dev in wrangler.toml.");
  return address;
}

/** A fresh address takes a while to be known everywhere. */
const ADDRESS_LIMIT_MS = 90_000;

async function askSetup(address: string): Promise<unknown> {
  const deadline = Date.now() + ADDRESS_LIMIT_MS;
  let last = "no answer";
  while (Date.now() < deadline) {
    try {
      const response = await fetch(`${address}/api/v2/setup`, { signal: AbortSignal.timeout(10_000) });
      if (response.ok) return await response.json();
      last = `status ${response.status}`;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await sleep(2_000);
  }
  throw new SentenceError(
    `Deployed to ${address}, which does not answer yet (${last}). See ${address}/healthz in a minute.`,
  );
}
