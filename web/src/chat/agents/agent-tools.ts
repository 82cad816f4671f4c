import { z } from "zod";
import type { Json } from "../../../../src/contract/common.ts";
import { partialString } from "../partial-args.ts";
import type { ToolCall } from "../rows.ts";

/** Tools by which a chat delegates to chats of its own. */
const agentTools = ["spawn_agent", "wait_agent", "message_agent", "close_agent"] as const;
export type AgentTool = (typeof agentTools)[number];

export function isAgentTool(name: string): name is AgentTool {
  return agentTools.some((tool) => tool === name);
}

const said = z.object({
  chat_id: z.uuid().optional().catch(undefined),
  title: z.string().optional().catch(undefined),
  prompt: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  report: z.string().optional().catch(undefined),
});

export interface AgentCall {
  /** The sub-agent's chat, once it is known. */
  readonly chatId: string | null;
  readonly title: string | null;
  /** What it was told. */
  readonly task: string | null;
  /** What it answered. */
  readonly report: string | null;
}

/** What a call says of its sub-agent, in its arguments, in its result, or while it is being written. */
export function agentOf(tool: ToolCall): AgentCall {
  const args = read(tool.call?.args);
  const result = read(tool.result?.result);
  const draft = tool.draft?.text ?? "";
  return {
    chatId: result.chat_id ?? args.chat_id ?? null,
    title: result.title ?? args.title ?? partialString(draft, "title"),
    task: args.prompt ?? args.message ?? partialString(draft, "prompt") ?? partialString(draft, "message"),
    report: result.report === undefined || result.report === "" ? null : result.report,
  };
}

function read(value: Json | undefined): z.infer<typeof said> {
  return said.safeParse(value).data ?? {};
}
