import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import {
  chat,
  createMessageResponse,
  messagesResponse,
  type chatMessage,
  type CreateMessageResponse,
} from "../../../src/contract/chats.ts";
import { workspacesResponse } from "../../../src/contract/workspaces.ts";
import { startProviderServer, type ProviderServer } from "../../fixtures/provider-server/server.ts";
import { startOwnTideline, type OwnTideline } from "../../support/own-tideline.ts";
import { eventually } from "../../support/poll.ts";
import { processTree, stillRunning } from "../../support/process-tree.ts";
import { startFaultControl, type FaultControl } from "./control.ts";
import { bundleFaultWorker } from "./fault-worker.ts";
import { readLedger } from "./ledger.ts";
import { openViewer, type Viewer } from "./viewer.ts";

export type Chat = z.infer<typeof chat>;
export type Message = z.infer<typeof chatMessage>;

/** A real Tideline with a scripted provider and a signed-in owner, to break parts of. */
export interface FaultGround {
  tideline: OwnTideline;
  provider: ProviderServer;
  /** Holds the Worker at a point, or makes it fail there. */
  faults: FaultControl;
  /** The sample's folder, where commands run. */
  directory: string;
  /** Any request of the owner's. */
  ask(method: string, path: string, body?: RequestBody, headers?: Record<string, string>): Promise<Response>;
  /** Starts a chat in the sample workspace; the text chooses what the provider answers. */
  begin(text: string, key?: string): Promise<Chat>;
  send(chatId: string, text: string, key?: string): Promise<CreateMessageResponse>;
  interrupt(chatId: string): Promise<void>;
  readChat(id: string): Promise<Chat>;
  listChats(): Promise<Chat[]>;
  /** Every message of the chat, oldest first. */
  readMessages(id: string): Promise<Message[]>;
  /**
   * Waits until D1 knows that the turn has ended, and so many messages. It reads the database's file: nobody asks the
   * Worker meanwhile, and nothing wakes the chat but itself.
   */
  ended(id: string, messages?: number): Promise<Chat>;
  /** Watches a chat through its socket, as a browser does. */
  watch(chatId: string): Promise<Viewer>;
  /** SIGKILL to the Worker's whole group, and proof that nothing of it lives on. */
  killWorker(): Promise<void>;
  /** Starts the Worker again on what it kept. */
  revive(): Promise<void>;
  /** Ends the workspace agent alone, by SIGKILL or as a person would; another one is started by itself. */
  endAgent(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  remove(): Promise<void>;
}

type RequestBody = { json: unknown } | { bytes: Uint8Array<ArrayBuffer>; type: string };

export async function layFaultGround(): Promise<FaultGround> {
  const built = await bundleFaultWorker();
  const provider = await startProviderServer();
  const faults = await startFaultControl();
  const workerArgs = built.args(faults.url);
  let tideline: OwnTideline | null = null;
  async function remove(): Promise<void> {
    await tideline?.remove();
    await provider.close();
    await faults.close();
    built.remove();
  }
  try {
    tideline = await startOwnTideline({
      env: { ANTHROPIC_API_KEY: "sk-ant-scripted", ANTHROPIC_BASE_URL: provider.baseUrl },
      workerArgs,
    });
    return await ground({ provider, faults, workerArgs, tideline, remove });
  } catch (error) {
    await remove();
    throw error;
  }
}

interface Parts {
  provider: ProviderServer;
  faults: FaultControl;
  workerArgs: string[];
  tideline: OwnTideline;
  remove(): Promise<void>;
}

/** The parsed answer; one that is refused, with what the Worker's log has about it. */
async function answerOf(request: Promise<Response>, { worker }: OwnTideline): Promise<unknown> {
  const response = await request;
  const answer: unknown = await response.json();
  if (response.ok) return answer;
  const id = response.headers.get("x-request-id") ?? "";
  const logged = readFileSync(worker.logFile, "utf8")
    .split("\n")
    .filter((line) => id !== "" && line.includes(id));
  throw new Error([`${response.url}: ${response.status} ${JSON.stringify(answer)}`, ...logged].join("\n"));
}

async function ground({ provider, faults, workerArgs, tideline, remove }: Parts): Promise<FaultGround> {
  const cookie = await becomeOwner(tideline);
  // Titles stay what they are, so that tests know chats by them.
  provider.when("<question>", [{ parts: [] }]);
  const self: FaultGround = {
    tideline,
    provider,
    faults,
    directory: tideline.sampleDirectory,
    ask: (method, path, body, headers = {}) =>
      fetch(`${tideline.url}/api/v2${path}`, {
        method,
        headers: { cookie, origin: tideline.url, ...typeOf(body), ...headers },
        ...(body === undefined ? {} : { body: "json" in body ? JSON.stringify(body.json) : body.bytes }),
      }),
    async begin(text, key) {
      const json = { content: [{ type: "text", text }], workspace_id: workspaceId };
      return chat.parse(await answerOf(self.ask("POST", "/chats", { json }, keyHeader(key)), tideline));
    },
    async send(chatId, text, key) {
      const json = { content: [{ type: "text", text }] };
      const answer = answerOf(self.ask("POST", `/chats/${chatId}/messages`, { json }, keyHeader(key)), tideline);
      return createMessageResponse.parse(await answer);
    },
    async interrupt(chatId) {
      await answerOf(self.ask("POST", `/chats/${chatId}/interrupt`), tideline);
    },
    async readChat(id) {
      return chat.parse(await answerOf(self.ask("GET", `/chats/${id}`), tideline));
    },
    async listChats() {
      return chat.array().parse(await answerOf(self.ask("GET", "/chats?limit=100"), tideline));
    },
    async readMessages(id) {
      const page = messagesResponse.parse(await answerOf(self.ask("GET", `/chats/${id}/messages?limit=200`), tideline));
      if (page.has_more) throw new Error("This chat is longer than the test thought.");
      return page.messages.toReversed();
    },
    async ended(id, messages = 0) {
      await eventually(`the turn of ${id} ends`, () => {
        const { chat: stored, rows } = readLedger(self, id);
        const known = rows.filter(({ kind }) => kind === "message").length;
        return stored?.status === "error" || (stored?.status === "waiting" && known >= messages) ? true : null;
      });
      return self.readChat(id);
    },
    watch: (chatId) => openViewer({ url: tideline.url, cookie, chatId }),
    async killWorker() {
      const tree = processTree(tideline.worker.pid);
      if (!tree.some(({ command }) => command.includes("workerd"))) {
        throw new Error(`There is no workerd to kill: ${JSON.stringify(tree)}`);
      }
      tideline.worker.kill();
      // Killing wrangler alone would leave workerd running, and prove nothing.
      await eventually("nothing of the Worker is left", () => (stillRunning(tree).length === 0 ? true : null));
    },
    revive: () => tideline.restartWorker(workerArgs),
    async endAgent(signal) {
      const before = tideline.agent.current().pid;
      process.kill(before, signal);
      await eventually("another agent is started", () => (tideline.agent.current().pid === before ? null : true));
    },
    remove,
  };
  const workspaceId = await eventually("the agent connects", async () => {
    const [sample] = workspacesResponse.parse(await answerOf(self.ask("GET", "/workspaces"), tideline)).workspaces;
    return sample?.agent?.status === "connected" ? sample.id : null;
  });
  return self;
}

function typeOf(body: RequestBody | undefined): Record<string, string> {
  if (body === undefined) return {};
  return { "content-type": "json" in body ? "application/json" : body.type };
}

function keyHeader(key: string | undefined): Record<string, string> {
  return key === undefined ? {} : { "idempotency-key": key };
}

/** The model calls of turns about this text: those for summaries and titles are offered no tools. */
export function turnCalls({ provider }: FaultGround, text: string): unknown[] {
  return provider.requests.filter(({ asked, body }) => {
    const tools: unknown = typeof body === "object" && body !== null && "tools" in body ? body.tools : null;
    return asked.text.includes(text) && Array.isArray(tools) && tools.length > 0;
  });
}

/** The lines of a file in the sample's folder; none while it is not there. */
export function linesOf({ directory }: FaultGround, name: string): string[] {
  const path = join(directory, name);
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
