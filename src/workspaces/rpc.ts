import type { AgentInstructions, CallStart, CallStarted, CallStatuses, GitChanges } from "../contract/workspace.ts";

/**
 * Values, because an exception loses its class on the way through RPC. Away: no agent is connected under this id, or it did not
 * answer in time.
 */
export type AgentAway = { state: "away" };
/** The agent's own words why it does not do what was asked. */
export type AgentRefused = { state: "refused"; message: string };
export type AgentSilent = AgentAway | AgentRefused;

/**
 * What is called on a workspace's object. Callers say which agent: they look up the one that serves the
 * workspace at each use, since a new build brings a new agent.
 */
export interface WorkspaceRpc {
  /** Starts a call, or learns its state when it was started before. */
  dispatch(request: { agentId: string; call: CallStart }): Promise<CallStarted | AgentSilent>;
  cancel(request: {
    agentId: string;
    callId: string;
    replyTo: string;
  }): Promise<{ state: "acknowledged" } | AgentSilent>;
  status(request: { agentId: string; callIds: string[] }): Promise<CallStatuses | AgentSilent>;
  /** Answers within 5 s. */
  instructions(request: { agentId: string }): Promise<AgentInstructions | AgentSilent>;
  /** What differs from `HEAD` where the chat's work is. Agents of before refuse. */
  gitChanges(request: { agentId: string; chatId: string }): Promise<GitChanges | AgentSilent>;
  /** Closes the sockets of every agent but the one that serves the workspace now; of all when it is null. */
  cutOff(request: { exceptAgentId: string | null }): Promise<void>;
  /**
   * The agent's WebSocket upgrade. The Worker has checked the token; it adds the headers below and
   * drops any that the client sent.
   */
  fetch(request: Request): Promise<Response>;
}

export const AGENT_HEADER = "x-tideline-agent";
export const WORKSPACE_HEADER = "x-tideline-workspace";
