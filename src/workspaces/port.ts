import type { WorkspacePort } from "../chats/engine/ports.ts";
import type { Database } from "../platform/d1.ts";
import { readServingAgent, readServingAgentFor } from "./serving-agent.ts";
import { replyAddress } from "./reply-address.ts";

/**
 * The workspaces as the engine uses them. Each use looks up the agent of the newest build: a restarted
 * workspace has another one.
 */
export function workspacePort(
  env: Pick<Env, "WORKSPACES" | "SECRET_KEY" | "DISABLE_WORKSPACE_SHARING">,
  db: Database,
): WorkspacePort {
  const relay = (workspaceId: string) => env.WORKSPACES.getByName(workspaceId);
  const addressOf = (chatId: string, workspaceId: string, callId: string) =>
    replyAddress(chatId, { workspaceId, callId }, env.SECRET_KEY);

  async function servingAgent(
    workspaceId: string,
    ownerId: string,
  ): Promise<{ agentId: string } | { state: "gone" | "forbidden" }> {
    const agent = await readServingAgentFor(db, env, workspaceId, ownerId);
    if (agent === null) return { state: "gone" };
    return agent === "forbidden" ? { state: "forbidden" } : agent;
  }

  return {
    async dispatch(workspaceId, call, ownerId) {
      const agent = await servingAgent(workspaceId, ownerId);
      if ("state" in agent) return agent;
      const addressed = { ...call, reply_to: addressOf(call.reply_to, workspaceId, call.call_id) };
      const started = await relay(workspaceId).dispatch({ agentId: agent.agentId, call: addressed });
      if (started.state === "refused") throw new AgentRefusal(started.message);
      return started.state === "away" ? started : { ...started, agentId: agent.agentId };
    },

    async cancel(workspaceId, agentId, callId, replyTo) {
      const agent = await readServingAgent(db, workspaceId);
      // The agent that took the call was cut off with its build: nobody is left who could run it for this workspace.
      if (agent?.agentId !== agentId) return { state: "gone" };
      const cancelled = await relay(workspaceId).cancel({
        agentId,
        callId,
        replyTo: addressOf(replyTo, workspaceId, callId),
      });
      if (cancelled.state === "refused") throw new AgentRefusal(cancelled.message);
      return cancelled;
    },

    async status(workspaceId, callIds, ownerId) {
      const agent = await servingAgent(workspaceId, ownerId);
      if ("state" in agent) return agent;
      const statuses = await relay(workspaceId).status({ agentId: agent.agentId, callIds });
      if (!("state" in statuses)) return { ...statuses, agentId: agent.agentId };
      if (statuses.state === "refused") throw new AgentRefusal(statuses.message);
      return statuses;
    },

    async instructions(workspaceId, ownerId) {
      const agent = await servingAgent(workspaceId, ownerId);
      if ("state" in agent) return null;
      const instructions = await relay(workspaceId).instructions({ agentId: agent.agentId });
      // A turn goes on without them.
      return "state" in instructions ? null : { ...instructions, agentId: agent.agentId };
    },
  };
}

/** The agent answered with an error: it is connected, but speaks another protocol or is broken. */
class AgentRefusal extends Error {
  constructor(message: string) {
    super(`The workspace agent refused: ${message}`);
    this.name = "AgentRefusal";
  }
}
