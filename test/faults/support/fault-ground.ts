import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { chat, messagesResponse, type chatMessage } from "../../../src/contract/chats.ts";
import { workspacesResponse } from "../../../src/contract/workspaces.ts";
import { startProviderServer, type ProviderServer } from "../../fixtures/provider-server/server.ts";
import { startOwnTideline, type OwnTideline } from "../../support/own-tideline.ts";
import { eventually } from "../../support/poll.ts";
import { processTree, stillRunning } from "../../support/process-tree.ts";

export type Chat = z.infer<typeof chat>;
export type Message = z.infer<typeof chatMessage>;

/** Points in a turn at which the object can be made to stop for ever: `barrier()` in the engine. */
export type Barrier = "streaming" | "closed" | "dispatched" | "compacting";

/** A real Tideline with a scripted provider and a signed-in owner, to kill parts of. */
export interface FaultGround {
  tideline: OwnTideline;
  provider: ProviderServer;
  /** The sample's folder, where commands run. */
  directory: string;
  /** Starts a chat in the sample workspace; the text chooses what the provider answers. */
  begin(text: string): Promise<Chat>;
  readChat(id: string): Promise<Chat>;
  /** Every message of the chat, oldest first. */
  readMessages(id: string): Promise<Message[]>;
  /** Waits until nothing runs for the chat any more; nobody watches it meanwhile. */
  ended(id: string): Promise<Chat>;
  /** Arms a barrier: the Worker starts anew with it compiled in. */
  arm(name: Barrier): Promise<void>;
  /** Waits until the Worker stands at the barrier. */
  reached(name: Barrier): Promise<void>;
  /** SIGKILL to the Worker's whole group, and proof that nothing of it lives on. */
  killWorker(): Promise<void>;
  /** Starts the Worker again, without barriers. */
  revive(): Promise<void>;
  /** SIGKILL to the workspace agent alone; what it ran goes on, and it is started again. */
  killAgent(): Promise<void>;
  remove(): Promise<void>;
}

export async function layFaultGround(): Promise<FaultGround> {
  const provider = await startProviderServer();
  const tideline = await startOwnTideline({
    env: { ANTHROPIC_API_KEY: "sk-ant-scripted", ANTHROPIC_BASE_URL: provider.baseUrl },
  });
  const cookie = await becomeOwner(tideline);
  // Where reading for a barrier begins: the log goes on over restarts.
  let logOffset = 0;

  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${tideline.url}/api/v2${path}`, {
      method,
      headers: {
        cookie,
        origin: tideline.url,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  const { workspaces } = workspacesResponse.parse(await call("GET", "/workspaces"));
  const sample = workspaces[0];
  if (sample === undefined) throw new Error("There is no sample workspace.");
  await eventually("the agent connects", async () => {
    const now = workspacesResponse.parse(await call("GET", "/workspaces")).workspaces[0];
    return now?.agent?.status === "connected" ? true : null;
  });

  const ground: FaultGround = {
    tideline,
    provider,
    directory: tideline.sampleDirectory,
    async begin(text) {
      return chat.parse(await call("POST", "/chats", { content: [{ type: "text", text }], workspace_id: sample.id }));
    },
    async readChat(id) {
      return chat.parse(await call("GET", `/chats/${id}`));
    },
    async readMessages(id) {
      const { messages, has_more } = messagesResponse.parse(await call("GET", `/chats/${id}/messages?limit=200`));
      if (has_more) throw new Error("This chat is longer than the test thought.");
      return messages.toReversed();
    },
    ended(id) {
      return eventually("the turn ends", async () => {
        const now = await ground.readChat(id);
        return now.status === "waiting" || now.status === "error" ? now : null;
      });
    },
    async arm(name) {
      await tideline.worker.stop();
      logOffset = readFileSync(tideline.worker.logFile, "utf8").length;
      await tideline.restartWorker(["--define", "__BARRIERS__:true", "--var", `BARRIER:${name}`]);
    },
    async reached(name) {
      await eventually(`the Worker reaches ${name}`, () =>
        readFileSync(tideline.worker.logFile, "utf8").slice(logOffset).includes(`barrier:${name}`) ? true : null,
      );
    },
    async killWorker() {
      const tree = processTree(tideline.worker.pid);
      if (!tree.some(({ command }) => command.includes("workerd"))) {
        throw new Error(`There is no workerd to kill: ${JSON.stringify(tree)}`);
      }
      tideline.worker.kill();
      // Killing wrangler alone would leave workerd running, and prove nothing.
      await eventually("nothing of the Worker is left", () => (stillRunning(tree).length === 0 ? true : null), 5_000);
    },
    revive: () => tideline.restartWorker(),
    async killAgent() {
      const before = tideline.agent.current().pid;
      process.kill(before, "SIGKILL");
      await eventually("another agent is started", () => (tideline.agent.current().pid === before ? null : true));
    },
    async remove() {
      await tideline.remove();
      await provider.close();
    },
  };
  return ground;
}

/** The model calls of turns: those for summaries and titles are offered no tools. */
export function turnCalls(ground: FaultGround): unknown[] {
  return ground.provider.requests.filter(({ body }) => {
    const tools: unknown = typeof body === "object" && body !== null && "tools" in body ? body.tools : null;
    return Array.isArray(tools) && tools.length > 0;
  });
}

/** The lines of a file in the sample's folder; none while it is not there. */
export function linesOf(ground: FaultGround, name: string): string[] {
  const path = join(ground.directory, name);
  return existsSync(path)
    ? readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => line !== "")
    : [];
}

/** The text of a message, without its tool calls. */
export function textOf(message: Message | undefined): string {
  return (message?.content ?? []).map((part) => (part.type === "text" ? part.text : "")).join("");
}

async function becomeOwner(tideline: OwnTideline): Promise<string> {
  const response = await fetch(`${tideline.url}/api/v2/setup`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: tideline.url },
    body: JSON.stringify({
      token: tideline.setupToken,
      username: "ada",
      email: "ada@example.com",
      password: "a long enough password",
    }),
  });
  if (!response.ok) throw new Error(`Setup: ${response.status} ${await response.text()}`);
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}
