import { z } from "zod";
import { defineTool } from "./tool.ts";

/** Tools by which a chat delegates to chats of its own. They run in the chat, not in the workspace. */

export const WAIT_DEFAULT_SECONDS = 300;
/** A wait is free; what it waits for is not, so an hour is plenty. */
const WAIT_MAX_SECONDS = 3_600;
const WAIT_GRACE_MS = 5_000;

const childId = z.string().min(1).describe("The chat_id that spawn_agent returned.");

export const spawnAgentParams = z.object({
  prompt: z.string().trim().min(1).describe("The whole task: the agent sees nothing of this conversation."),
  title: z.string().trim().min(1).max(80).optional().describe("A few words that name the task."),
});
export const waitAgentParams = z.object({
  chat_id: childId,
  timeout_seconds: z.int().min(0).max(WAIT_MAX_SECONDS).optional().describe("Default 300."),
});
export const messageAgentParams = z.object({
  chat_id: childId,
  message: z.string().trim().min(1).describe("What to tell the agent. It starts working again."),
  interrupt: z.boolean().optional().describe("Stop what it does first. Otherwise the message waits its turn."),
});
export const closeAgentParams = z.object({ chat_id: childId });

export const spawnAgent = defineTool({
  name: "spawn_agent",
  description:
    "Start a sub-agent with a task of its own, in the same workspace. Returns at once; several work side by " +
    "side. Use it for independent work, and wait_agent for the report.",
  params: spawnAgentParams,
  changes: true,
  runsIn: "chat",
});

export const waitAgent = defineTool({
  name: "wait_agent",
  description: "Wait until a sub-agent is done and get its report.",
  params: waitAgentParams,
  changes: false,
  runsIn: "chat",
  patienceMs: (args) => (args.timeout_seconds ?? WAIT_DEFAULT_SECONDS) * 1_000 + WAIT_GRACE_MS,
});

export const messageAgent = defineTool({
  name: "message_agent",
  description: "Give a sub-agent another message, while it works or after its report.",
  params: messageAgentParams,
  changes: true,
  runsIn: "chat",
});

export const closeAgent = defineTool({
  name: "close_agent",
  description: "Stop a sub-agent. What it has done so far stays.",
  params: closeAgentParams,
  changes: true,
  runsIn: "chat",
});
