import { join, resolve } from "node:path";
import { killGroups } from "./child-process.ts";
import { portFrom } from "./port.ts";
import { projectDirectory } from "./project.ts";
import { SentenceError } from "./sentence-error.ts";
import { startDev, type LocalTideline } from "./start-dev.ts";

// `npm start`: all of Tideline on this machine until Ctrl-C.

let running: LocalTideline | null = null;
let leaving = false;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void leave(0));

try {
  const port = portFrom(process.env.PORT);
  running = await startDev({
    port,
    ...places(process.env.TIDELINE_HOME),
    env: process.env,
    say: (line) => console.log(line),
  });
  greet(running);
  const { code } = await running.worker.exited;
  if (!leaving) {
    console.error(`The Worker ended by itself (${code ?? "killed"}). Its log is ${running.worker.logFile}`);
    await leave(1);
  }
} catch (error) {
  if (!(error instanceof SentenceError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

/** Beside the code, or whole in another folder: a second Tideline on the same machine. */
function places(home: string | undefined): { stateDirectory: string; secretsFile: string } {
  if (home) return { stateDirectory: resolve(home), secretsFile: resolve(home, "dev.vars") };
  return { stateDirectory: join(projectDirectory, ".tideline"), secretsFile: join(projectDirectory, ".dev.vars") };
}

function greet(tideline: LocalTideline): void {
  const known = tideline.link.endsWith("/login");
  console.log(`\nReady: ${tideline.url}\n`);
  console.log(known ? `  Sign in:    ${tideline.link}` : `  Begin here: ${tideline.link}`);
  if (tideline.models.length === 0) {
    console.log(
      "  Model:      the scripted demo, no AI (set ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY or OLLAMA_HOST for a real one)",
    );
  } else {
    console.log(`  Model:      by ${tideline.models.join(", ")}`);
    console.log(
      "  Mind:       the agent runs commands in a shell as you. It can do on this machine whatever you can;\n" +
        "              for work that you don't watch, connect a workspace in a container or a virtual machine.",
    );
  }
  console.log(`  Sample:     ${tideline.sampleDirectory}\n\nCtrl-C ends it.`);
}

/** The first signal ends everything in order; the second one at once. */
async function leave(code: number): Promise<void> {
  if (leaving || running === null) {
    killGroups();
    process.exit(130);
  }
  leaving = true;
  console.log("\nStopping…");
  await running.stop();
  process.exit(code);
}
