import { DurableObject } from "cloudflare:workers";
import { createApp } from "./app.ts";

export class ChatObject extends DurableObject<Env> {}
export { WorkspaceRelayObject as WorkspaceObject } from "./workspaces/workspace-object.ts";
export class UserObject extends DurableObject<Env> {
  async revoke(_who: { userId: string; sessionId?: string }): Promise<void> {}
}

const app = createApp();

export default { fetch: app.fetch } satisfies ExportedHandler<Env>;
