import { DurableObject } from "cloudflare:workers";

export class ChatObject extends DurableObject<Env> {}
export { WorkspaceRelayObject as WorkspaceObject } from "./workspaces/workspace-object.ts";
export class UserObject extends DurableObject<Env> {}

export default {
  async fetch(): Promise<Response> {
    return new Response("Tideline");
  },
} satisfies ExportedHandler<Env>;
