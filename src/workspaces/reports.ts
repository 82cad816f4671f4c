import { z } from "zod";
import type { CallOutput, CallResult } from "../contract/workspace.ts";
import { log } from "../platform/log.ts";

/** `reply_to` of a call is the id of the chat that made it. */
const chatId = z.uuid();

/** Gives live output to its chat. It is a preview: one that does not arrive is logged and let go. */
export async function reportOutput(chats: Env["CHATS"], agentId: string, output: CallOutput): Promise<void> {
  if (!chatId.safeParse(output.reply_to).success) return;
  try {
    await chats
      .getByName(output.reply_to)
      .toolOutput({ callId: output.call_id, agentId, offset: output.offset, text: output.text });
  } catch (error) {
    log.warn("agent.output_not_delivered", { chatId: output.reply_to, callId: output.call_id, error });
  }
}

/**
 * Gives a result to its chat. True: acknowledge it to the agent, because the chat has it or does not
 * want it. False: the agent sends it again.
 */
export async function reportResult(chats: Env["CHATS"], agentId: string, report: CallResult): Promise<boolean> {
  if (!chatId.safeParse(report.reply_to).success) return true; // No chat ever asked for it.
  try {
    return await chats.getByName(report.reply_to).toolResult({
      callId: report.call_id,
      agentId,
      bootId: report.boot_id,
      result: report.result,
      isError: report.is_error,
    });
  } catch (error) {
    log.warn("agent.result_not_delivered", { chatId: report.reply_to, callId: report.call_id, error });
    return false;
  }
}
