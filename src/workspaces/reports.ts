import type { CallOutput, CallResult, GitBranch } from "../contract/workspace.ts";
import { recordBranch } from "../git/branches.ts";
import { tellDiffStatus } from "../git/sync/told.ts";
import { wakeGitSync } from "../git/sync/wake.ts";
import type { Database } from "../platform/d1.ts";
import { log } from "../platform/log.ts";
import { chatOfReply } from "./reply-address.ts";

/** The agent that reports, as the relay knows it. */
export interface Reporter {
  workspaceId: string;
  agentId: string;
}

/** Gives live output to its chat. It is a preview: one that does not arrive is logged and let go. */
export async function reportOutput(env: Env, reporter: Reporter, output: CallOutput): Promise<void> {
  const chatId = addressee(env, reporter, output);
  if (chatId === null) return;
  try {
    await env.CHATS.getByName(chatId).toolOutput({
      callId: output.call_id,
      agentId: reporter.agentId,
      offset: output.offset,
      text: output.text,
    });
  } catch (error) {
    log.warn("agent.output_not_delivered", { chatId, callId: output.call_id, error });
  }
}

/**
 * Gives a result to its chat. True: acknowledge it to the agent, because the chat has it or does not
 * want it. False: the agent sends it again.
 */
export async function reportResult(env: Env, reporter: Reporter, report: CallResult): Promise<boolean> {
  const chatId = addressee(env, reporter, report);
  if (chatId === null) return true; // No chat asked this workspace for it.
  try {
    return await env.CHATS.getByName(chatId).toolResult({
      callId: report.call_id,
      agentId: reporter.agentId,
      bootId: report.boot_id,
      result: report.result,
      isError: report.is_error,
    });
  } catch (error) {
    log.warn("agent.result_not_delivered", { chatId, callId: report.call_id, error });
    return false;
  }
}

/**
 * Writes down on which branch a chat's work is, shows it, and has its pull request looked for. A report that is
 * lost is logged and let go: work that goes on says it again.
 */
export async function reportBranch(env: Env, db: Database, reporter: Reporter, report: GitBranch): Promise<void> {
  const chatId = addressee(env, reporter, report);
  if (chatId === null) return; // No chat asked this workspace for it.
  const { path, branch, remote_origin: remoteOrigin } = report;
  try {
    const place = { chatId, workspaceId: reporter.workspaceId, path, branch, remoteOrigin };
    const news = await recordBranch(db, place, Date.now());
    if (news === null) return;
    await wakeGitSync(env, [news.ownerId]);
    await tellDiffStatus(env.USERS, db, [chatId], (event) => env.USERS.getByName(news.ownerId).chatChanged(event));
  } catch (error) {
    log.warn("agent.branch_not_recorded", { chatId, callId: report.call_id, error });
  }
}

function addressee(env: Env, { workspaceId }: Reporter, report: { call_id: string; reply_to: string }): string | null {
  return chatOfReply(report.reply_to, { workspaceId, callId: report.call_id }, env.SECRET_KEY);
}
