import { constants } from "node:os";
import { startAgent } from "./agent.ts";
import { JournalDamaged } from "./journal.ts";
import { StateInUse } from "./lock.ts";
import { say, wordsOf } from "./say.ts";
import { readSettings, SettingsError } from "./settings.ts";

const OLDEST_NODE = 22;
const EXIT_CANNOT_START = 1;
const EXIT_TOKEN_REJECTED = 2;

async function main(): Promise<number> {
  if (process.platform === "win32") {
    say("The workspace agent does not run on Windows; start it in WSL, in a container or on Linux or macOS.");
    return EXIT_CANNOT_START;
  }
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
    say(`The workspace agent needs Node ${OLDEST_NODE} or newer; this is ${process.versions.node}.`);
    return EXIT_CANNOT_START;
  }
  const environment = { ...process.env };
  const settings = readSettings(environment, process.cwd());
  // Whoever can list the environment of this process need not find the token there.
  delete process.env["TIDELINE_AGENT_TOKEN"];

  if (sendsTokenInTheClear(settings.endpoint))
    say("TIDELINE_URL is not https: everybody on the way can read the token");

  const agent = await startAgent(settings, environment);
  const stopping = stopOnSignals(agent.stop);
  const ended = await agent.ended;
  if (ended === "stopped") {
    await stopping;
    return 0;
  }
  say("the token is not valid any more; connect the workspace again to get a new one");
  await agent.stop();
  return EXIT_TOKEN_REJECTED;
}

function sendsTokenInTheClear({ protocol, hostname }: URL): boolean {
  return protocol === "ws:" && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/** Resolves when a signal has come and everything is ended. A second signal does not wait. */
function stopOnSignals(stop: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    let asked = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (asked) process.exit(128 + constants.signals[signal]);
      asked = true;
      say(`stopping (${signal})`);
      stop().then(resolve, reject);
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
    process.on("SIGHUP", onSignal); // The terminal was closed.
  });
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const expected = error instanceof SettingsError || error instanceof StateInUse || error instanceof JournalDamaged;
    say(expected ? wordsOf(error) : `cannot run: ${error instanceof Error ? error.stack : String(error)}`);
    process.exit(EXIT_CANNOT_START);
  },
);
