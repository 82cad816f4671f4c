import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setupState } from "../contract/identity.ts";
import { keepAgent, type LocalAgent } from "./agent-process.ts";
import { migrateLocal } from "./local-database.ts";
import { ensureSecrets } from "./local-secrets.ts";
import { requireFreePort } from "./port.ts";
import { writePrivateFile } from "./private-file.ts";
import { ensureSampleRepository, requireGit } from "./sample-repository.ts";
import { ensureSampleWorkspace } from "./sample-workspace.ts";
import { ensureBuild } from "./web-build.ts";
import { startWorker, type LocalWorker } from "./worker-process.ts";
import { configuredModels, envFileText, workerSettings } from "./worker-settings.ts";

export interface DevOptions {
  port: number;
  /** Everything that a local deployment keeps, but for the secrets. */
  stateDirectory: string;
  secretsFile: string;
  env: NodeJS.ProcessEnv;
  /** Told each thing that happens, in words for a person. */
  say: (line: string) => void;
  /** More arguments for wrangler dev. */
  extraWorkerArgs?: readonly string[];
}

export interface LocalTideline {
  url: string;
  /** The first-run page with its token, or the sign-in page once somebody has been there. */
  link: string;
  setupToken: string;
  /** Names of the settings that bring a real model; empty when the scripted demo serves. */
  models: string[];
  worker: LocalWorker;
  agent: LocalAgent;
  sampleDirectory: string;
  /** Starts another Worker on the same data in the place of one that has ended. */
  restartWorker(extraArgs?: readonly string[]): Promise<void>;
  /** Ends the agent and the Worker with everything that they started. */
  stop(): Promise<void>;
}

/**
 * Brings up all of Tideline on this machine: secrets, database, web app, sample project, Worker and workspace agent.
 * A second start on the same folder goes on with what is there. Throws a SentenceError for what a person can mend.
 */
export async function startDev(options: DevOptions): Promise<LocalTideline> {
  const { env, say } = options;
  const places = placesIn(options.stateDirectory);
  await requireFreePort(options.port);
  await requireGit(env);
  mkdirSync(places.logs, { recursive: true });

  const secrets = ensureSecrets(options.secretsFile);
  const settings = workerSettings(env, secrets);
  // Made before anything slow, since it may be refused.
  const settingsText = envFileText(settings);
  await ensureBuild(env, () => say("Building the web app…"));
  say("Preparing the database…");
  await migrateLocal(places.persistTo, env);
  await ensureSampleWorkspace({ persistTo: places.persistTo, tokenFile: places.token }, env);
  await ensureSampleRepository(places.sample, env);

  say("Starting…");
  const workerOptions = {
    port: options.port,
    persistTo: places.persistTo,
    envFiles: [options.secretsFile, places.settings],
    logFile: join(places.logs, "worker.log"),
    env,
  };
  writePrivateFile(places.settings, settingsText);
  // It may hold provider keys, and only a running Worker needs them.
  const forgetSettings = () => rmSync(places.settings, { force: true });
  let worker = await startWorker({ ...workerOptions, extraArgs: options.extraWorkerArgs ?? [] }).catch(
    (error: unknown) => {
      forgetSettings();
      throw error;
    },
  );
  const agent = keepAgent({
    url: worker.url,
    tokenFile: places.token,
    directory: places.sample,
    stateDirectory: places.agent,
    logFile: join(places.logs, "agent.log"),
    env,
    onRefused: () => say("The sample workspace is not there any more; connect another one on the Workspaces page."),
  });

  async function stop(): Promise<void> {
    await agent.stop();
    await worker.stop();
    forgetSettings();
  }
  try {
    const setupToken = secrets.SETUP_TOKEN ?? "";
    const tideline: LocalTideline = {
      url: worker.url,
      link: await entrance(worker.url, setupToken),
      setupToken,
      models: configuredModels(settings, secrets),
      worker,
      agent,
      sampleDirectory: places.sample,
      async restartWorker(extraArgs = []) {
        worker = await startWorker({ ...workerOptions, extraArgs });
        tideline.worker = worker;
      },
      stop,
    };
    return tideline;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Where a local deployment keeps what. */
function placesIn(directory: string) {
  return {
    persistTo: join(directory, "state"),
    settings: join(directory, "env"),
    token: join(directory, "agent-token"),
    sample: join(directory, "sample"),
    agent: join(directory, "agent"),
    logs: join(directory, "logs"),
  };
}

async function entrance(url: string, setupToken: string): Promise<string> {
  const response = await fetch(`${url}/api/v2/setup`);
  const { completed } = setupState.parse(await response.json());
  return completed ? `${url}/login` : `${url}/setup?token=${encodeURIComponent(setupToken)}`;
}
