import { randomUUID } from "node:crypto";
import { chmod, mkdir } from "node:fs/promises";
import { arch, hostname, platform } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { rpcMethods, WORKSPACE_PROTOCOL_VERSION } from "../contract/workspace.ts";
import { Calls } from "./calls.ts";
import { Connection } from "./connection.ts";
import { BranchReports } from "./git/branch-reports.ts";
import { readLocalChanges } from "./git/local-changes.ts";
import { Places } from "./git/places.ts";
import { openGit } from "./git/run.ts";
import { readInstructions } from "./instructions.ts";
import { Journal } from "./journal.ts";
import { lockState } from "./lock.ts";
import { PathOrder } from "./path-order.ts";
import { AllowedRoots } from "./paths.ts";
import { Processes } from "./processes.ts";
import { answering } from "./rpc.ts";
import type { AgentSettings } from "./settings.ts";
import { AGENT_VERSION } from "./version.ts";
import type { Workspace } from "./workspace.ts";

const LAST_RESULTS_MS = 500; // For the relay to take what ended because of the stop; the journal has it anyway.

export interface RunningAgent {
  /** Resolves when the agent is not connected any more and will not try again. */
  ended: Promise<"stopped" | "token_rejected">;
  /** Ends processes (unless they are to be kept), then the connection. */
  stop(): Promise<void>;
}

/** Puts the parts together: journal, tools, connection. */
export async function startAgent(settings: AgentSettings, environment: NodeJS.ProcessEnv): Promise<RunningAgent> {
  await mkdir(settings.stateFolder, { recursive: true, mode: 0o700 });
  await chmod(settings.stateFolder, 0o700); // It may have been there before, with other rights.
  const unlock = await lockState(settings.stateFolder);

  const bootId = randomUUID();
  const journal = await Journal.open(settings.stateFolder, bootId);
  const workspace: Workspace = {
    roots: new AllowedRoots(settings.directory, settings.home, settings.extraRoots),
    order: new PathOrder(),
    processes: await Processes.open(settings.stateFolder, environment),
  };
  const git = openGit(environment);
  const places = new Places();
  const branches = new BranchReports(git, places, (report) => connection.notify("git.branch", report, false));
  const calls = new Calls(bootId, journal, workspace, {
    sendOutput: (output) => connection.notify("call.output", output, true),
    sendResult: (result) => connection.notify("call.result", result, false),
    touched: (call, folder) => branches.touched(call, folder),
  });
  const connection = new Connection({
    endpoint: settings.endpoint,
    token: settings.token,
    hello: {
      protocol: WORKSPACE_PROTOCOL_VERSION,
      version: AGENT_VERSION,
      boot_id: bootId,
      os: platform(),
      arch: arch(),
      hostname: hostname(),
      directory: settings.directory,
    },
    answers: new Map([
      answering("call.start", rpcMethods["call.start"], (call) => calls.start(call)),
      answering("call.cancel", rpcMethods["call.cancel"], ({ call_id, reply_to }) => calls.cancel(call_id, reply_to)),
      answering("call.status", rpcMethods["call.status"], ({ call_ids }) => calls.status(call_ids)),
      answering("call.ack", rpcMethods["call.ack"], async ({ call_id }) => {
        await calls.acknowledge(call_id);
        return {};
      }),
      answering("git.changes", rpcMethods["git.changes"], ({ chat_id }) => {
        const touched = places.of(chat_id);
        return readLocalChanges(git, touched.length > 0 ? touched : [settings.directory]);
      }),
      answering("instructions", rpcMethods.instructions, () => readInstructions(workspace.roots, settings.home)),
    ]),
    onWelcome: () => {
      calls.connected();
      branches.connected();
    },
  });

  return {
    ended: connection.run(),
    async stop() {
      await calls.stop(!settings.keepProcesses);
      branches.stop();
      if (!settings.keepProcesses) await workspace.processes.endAll();
      if (journal.unacknowledged().length > 0) await sleep(LAST_RESULTS_MS);
      connection.stop();
      await journal.close();
      await unlock();
    },
  };
}
