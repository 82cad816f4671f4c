import { describe, expect, it } from "vitest";
import { chatStatuses, type Chat, type ChatStatus } from "../../../src/contract/chats.ts";
import type { ChatDiffStatus, PullRequestState } from "../../../src/contract/git.ts";
import { changedLines, pullRequestMark } from "../../../web/src/git/pull-request-mark.ts";
import { chatOf } from "../chat-of.ts";

const git = (change: Partial<ChatDiffStatus> = {}): ChatDiffStatus => ({
  chat_id: "01890000-0000-7000-8000-000000000000",
  url: "https://github.com/tide/line/pull/7",
  pull_request_state: "open",
  pull_request_title: "Fix the test",
  pull_request_draft: false,
  changes_requested: false,
  additions: 12,
  deletions: 3,
  changed_files: 2,
  ...change,
});

const withGit = (status: ChatStatus, change: Partial<ChatDiffStatus> = {}, archived = false): Chat => ({
  ...chatOf(1, { status, archived }),
  diff_status: git(change),
});

describe("the mark of a pull request", () => {
  it.each([
    ["open", false, "open", "Pull request open: Fix the test"],
    ["open", true, "draft", "Pull request draft: Fix the test"],
    ["merged", false, "merged", "Pull request merged: Fix the test"],
    ["merged", true, "merged", "Pull request merged: Fix the test"],
    ["closed", false, "closed", "Pull request closed: Fix the test"],
    ["closed", true, "closed", "Pull request closed: Fix the test"],
  ] as const satisfies [PullRequestState, boolean, string, string][])(
    "of one that is %s (draft %s) is %s",
    (pull_request_state, pull_request_draft, look, words) => {
      const chat = withGit("waiting", { pull_request_state, pull_request_draft });
      expect(pullRequestMark(chat)).toEqual({ look, words });
    },
  );

  it("stands only where the chat's status has nothing to say", () => {
    const marked = chatStatuses.filter((status) => pullRequestMark(withGit(status)) !== null);
    expect(marked).toEqual(["waiting", "completed"]);
    expect(pullRequestMark(withGit("waiting", {}, true))).toBeNull();
  });

  it("needs a pull request: a branch alone has none", () => {
    const { pull_request_state: _, ...branch } = git({ pull_request_title: "" });
    expect(pullRequestMark({ ...chatOf(1, { status: "waiting" }), diff_status: branch })).toBeNull();
    expect(pullRequestMark(chatOf(1, { status: "waiting" }))).toBeNull();
  });

  it("leaves out a title that is not known", () => {
    expect(pullRequestMark(withGit("waiting", { pull_request_title: "" }))?.words).toBe("Pull request open");
  });
});

describe("the lines beside it", () => {
  it("are told where there are any", () => {
    expect(changedLines(git())).toEqual({ additions: 12, deletions: 3 });
    expect(changedLines(git({ additions: 0, deletions: 1 }))).toEqual({ additions: 0, deletions: 1 });
    expect(changedLines(git({ additions: 0, deletions: 0 }))).toBeNull();
    expect(changedLines(undefined)).toBeNull();
  });
});
