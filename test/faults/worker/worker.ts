import type { Barrier } from "../../../src/chats/engine/context.ts";
import type { RunReport, StartRunInput } from "../../../src/chats/engine/ports.ts";
import type { CreateChatInput, SendInput } from "../../../src/chats/engine/rpc.ts";
import type { WatchEvent } from "../../../src/contract/chats.ts";
import worker, { ChatObject as Chat, UserObject as User, WorkspaceObject as Workspace } from "../../../src/worker.ts";
import { breakStorage } from "./break-storage.ts";
import { ask, pass } from "./points.ts";

/**
 * The product as it is, with points at which a test can hold it or make it fail: methods of its objects, before and
 * after they do what they do, and its bindings of D1 and R2. Nothing of this is in the product's own build.
 */

export class ChatObject extends Chat {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    breakStorage(env);
    // The constructor runs once for each time that the object is in memory: after a sleep, it runs again.
    ctx.waitUntil(ask(env, "born", this.#chatId()));
  }

  #pass(point: string): Promise<void> {
    return pass(this.env, point, this.#chatId());
  }

  #chatId(): string {
    const { sql } = this.ctx.storage;
    if (sql.exec("select 1 from sqlite_master where name = 'chat'").toArray().length === 0) return "";
    const [row] = sql.exec<{ id: string }>("select id from chat").toArray();
    return row?.id ?? "";
  }

  protected override barrier(name: Barrier): Promise<void> {
    return this.#pass(name);
  }

  override async create(input: CreateChatInput) {
    await pass(this.env, "create", input.chatId);
    const answer = await super.create(input);
    await this.#pass("created");
    return answer;
  }

  override async send(input: SendInput) {
    const answer = await super.send(input);
    await this.#pass("sent");
    return answer;
  }

  override async startRun(input: StartRunInput) {
    await pass(this.env, "start-run", input.childId);
    return super.startRun(input);
  }

  override async takeReport(child: RunReport) {
    await this.#pass("take-report");
    return super.takeReport(child);
  }

  override async toolResult(result: Parameters<Chat["toolResult"]>[0]) {
    await this.#pass("take-result");
    const taken = await super.toolResult(result);
    await this.#pass("result-stored");
    return taken;
  }
}

export class WorkspaceObject extends Workspace {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    breakStorage(env);
  }

  override async dispatch(request: Parameters<Workspace["dispatch"]>[0]) {
    await pass(this.env, "dispatch", request.call.call_id);
    return super.dispatch(request);
  }

  override async cancel(request: Parameters<Workspace["cancel"]>[0]) {
    await pass(this.env, "cancel", request.callId);
    return super.cancel(request);
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer) {
    try {
      if (typeof message === "string" && message.includes('"call.output"')) await pass(this.env, "output", "");
    } catch {
      // To fail here is to lose the line to the agent, in the middle of what it says.
      socket.close(1012, "cut off by a test");
      return;
    }
    return super.webSocketMessage(socket, message);
  }
}

export class UserObject extends User {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    breakStorage(env);
  }

  override async chatChanged(event: WatchEvent) {
    await pass(this.env, "tell", event.chat.id);
    return super.chatChanged(event);
  }
}

export default {
  ...worker,
  async fetch(request, env, context) {
    breakStorage(env);
    return worker.fetch(request, env, context);
  },
} satisfies ExportedHandler<Env>;
