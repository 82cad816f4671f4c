import { createApp } from "./app.ts";
import { ChatEngineObject } from "./chats/engine/chat-object.ts";
import type { EnginePorts } from "./chats/engine/ports.ts";
import { projectionPort } from "./chats/projection.ts";
import { relativesPort } from "./chats/relatives.ts";
import { filePort } from "./chats/files.ts";
import { readUserPrompt } from "./chats/settings.ts";
import { sweepChats } from "./chats/sweep.ts";
import { modelPort } from "./models/port.ts";
import { systemClock } from "./platform/clock.ts";
import { openDatabase } from "./platform/d1.ts";
import { workspacePort } from "./workspaces/port.ts";

export { UserHubObject as UserObject } from "./users/user-object.ts";
export { WorkspaceRelayObject as WorkspaceObject } from "./workspaces/workspace-object.ts";

export class ChatObject extends ChatEngineObject {
  protected override ports(): EnginePorts {
    const db = openDatabase(this.env.DB);
    return {
      models: modelPort(this.env, db, systemClock, filePort(this.env.FILES)),
      workspaces: workspacePort(this.env, db),
      projection: projectionPort(this.env, db),
      relatives: relativesPort(this.env, db),
      people: { instructions: (userId) => readUserPrompt(db, userId) },
    };
  }
}

const app = createApp();

export default {
  fetch: app.fetch,
  async scheduled(_event, env) {
    await sweepChats(env, openDatabase(env.DB), systemClock());
  },
} satisfies ExportedHandler<Env>;
