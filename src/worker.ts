import { createApp } from "./app.ts";
import { ChatEngineObject } from "./chats/engine/chat-object.ts";
import type { EnginePorts } from "./chats/engine/ports.ts";
import { mayWrite, readPeople } from "./chats/people.ts";
import { projectionPort } from "./chats/projection.ts";
import { relativesPort } from "./chats/relatives.ts";
import { filePort } from "./chats/files.ts";
import type { ChatObjectRpc } from "./chats/object.ts";
import type { SendAsked } from "./chats/engine/fanout.ts";
import type { SendInput } from "./chats/engine/rpc.ts";
import type { SocketSender } from "./chats/engine/sends.ts";
import { stepSettingsReader, type StepSettings } from "./models/step-settings.ts";
import { userPromptAmong } from "./chats/settings.ts";
import { answerOverSocket } from "./chats/sending.ts";
import { sweepChats } from "./chats/sweep.ts";
import { sweepGitSync } from "./git/sync/wake.ts";
import { sweepAccounts } from "./identity/sweep.ts";
import { modelPort } from "./models/port.ts";
import { reconcileSystemRoles } from "./organizations/system-roles.ts";
import { systemClock } from "./platform/clock.ts";
import { openDatabase } from "./platform/d1.ts";
import { spendPort } from "./usage/spend-port.ts";
import { workspacePort } from "./workspaces/port.ts";

export { UserHubObject as UserObject } from "./users/user-object.ts";
export { WorkspaceRelayObject as WorkspaceObject } from "./workspaces/workspace-object.ts";

export class ChatObject extends ChatEngineObject implements ChatObjectRpc {
  readonly #db = openDatabase(this.env.DB);
  readonly #settings = stepSettingsReader(this.#db);

  protected override ports(): EnginePorts {
    const db = this.#db;
    return {
      models: modelPort(this.env, db, systemClock, filePort(this.env.FILES), this.#settings),
      workspaces: workspacePort(this.env, db),
      projection: projectionPort(this.env, db),
      relatives: relativesPort(this.env, db),
      people: {
        instructions: async (userId) => userPromptAmong((await this.#settings.read(userId)).own),
        people: (userIds) => readPeople(db, userIds),
        mayWrite: (userId, chatId) => mayWrite(db, userId, chatId),
      },
      spend: spendPort(this.env, db, this.#settings),
    };
  }

  protected override sendOverSocket(sender: SocketSender, asked: SendAsked) {
    const around = { env: this.env, db: this.#db, clock: systemClock };
    return answerOverSocket(around, sender, asked, (input, settings) =>
      this.#settings.during(settings, () => this.take(input)),
    );
  }

  override async send(input: SendInput, settings: StepSettings | null = null) {
    return this.#settings.during(settings, () => super.send(input));
  }
}

const app = createApp();

export default {
  fetch: app.fetch,
  async scheduled(_event, env) {
    const db = openDatabase(env.DB);
    await sweepChats(env, db, systemClock());
    await sweepAccounts(db, systemClock());
    await sweepGitSync(env, db, systemClock());
    await reconcileSystemRoles(db, systemClock());
  },
} satisfies ExportedHandler<Env>;
