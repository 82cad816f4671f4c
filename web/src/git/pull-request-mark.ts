import type { Chat } from "../../../src/contract/chats.ts";
import type { ChatDiffStatus, PullRequestState } from "../../../src/contract/git.ts";

/** How a pull request looks: a draft is an open one. */
export type PullRequestLook = PullRequestState | "draft";

export function lookOf(state: PullRequestState, draft: boolean): PullRequestLook {
  return state === "open" && draft ? "draft" : state;
}

export const lookWords: Record<PullRequestLook, string> = {
  open: "Open",
  draft: "Draft",
  merged: "Merged",
  closed: "Closed",
};

export interface PullRequestMark {
  look: PullRequestLook;
  /** For whoever does not see the icon: "Pull request open: Fix the test". */
  words: string;
}

/**
 * What stands for a chat's pull request in place of the chat's status; null where the status has more to say: while
 * the chat works, waits for somebody, or has failed.
 */
export function pullRequestMark({ status, archived, diff_status: git }: Chat): PullRequestMark | null {
  if (archived || (status !== "waiting" && status !== "completed")) return null;
  if (git?.pull_request_state === undefined) return null;
  const look = lookOf(git.pull_request_state, git.pull_request_draft);
  const title = git.pull_request_title === "" ? "" : `: ${git.pull_request_title}`;
  return { look, words: `Pull request ${lookWords[look].toLowerCase()}${title}` };
}

/** Lines that came and went, where there are any. */
export function changedLines(git: ChatDiffStatus | undefined): Pick<ChatDiffStatus, "additions" | "deletions"> | null {
  if (git === undefined || (git.additions === 0 && git.deletions === 0)) return null;
  return { additions: git.additions, deletions: git.deletions };
}
