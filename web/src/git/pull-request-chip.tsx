import { useQuery } from "@tanstack/react-query";
import { GitBranch } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import type { ChatDiffStatus } from "../../../src/contract/git.ts";
import { chatPullRequestsQuery } from "../api/git-queries.ts";
import { Menu, MenuItem } from "../ui/menu.tsx";
import { lookOf, lookWords } from "./pull-request-mark.ts";
import { PullRequestIcon } from "./pull-request-icon.tsx";

const look =
  "inline-flex h-6 max-w-56 min-w-0 items-center gap-1.5 rounded-md border border-line-strong px-2 text-xs font-medium text-muted hover:bg-raised hover:text-ink max-sm:max-w-20";

/** In a chat's header: its pull request, or the branch while there is none. */
export function PullRequestChip({ chatId, git }: { chatId: string; git: ChatDiffStatus | undefined }): ReactNode {
  // A second one is rare: whether there is one is asked when somebody comes near.
  const [near, setNear] = useState(false);
  const { data: all = [] } = useQuery({ ...chatPullRequestsQuery(chatId), enabled: near && git?.url !== undefined });
  if (git === undefined) return null;
  if (git.url === undefined || git.pull_request_state === undefined) {
    if (git.head_branch === undefined) return null;
    return (
      <span className={look} title={git.head_branch}>
        <GitBranch size={14} aria-hidden className="shrink-0" />
        <bdi className="truncate font-mono">{git.head_branch}</bdi>
      </span>
    );
  }
  const shape = lookOf(git.pull_request_state, git.pull_request_draft);
  const number = git.pr_number === undefined ? "" : `#${git.pr_number}`;
  const inside = (
    <>
      <PullRequestIcon look={shape} size={14} />
      <span className="sr-only">Pull request, {lookWords[shape].toLowerCase()}: </span>
      <span className="tabular shrink-0">{number}</span>
      <bdi className="truncate font-normal max-sm:sr-only">{git.pull_request_title}</bdi>
    </>
  );
  const shared = {
    className: look,
    "data-testid": "pull-request-chip",
    onPointerEnter: () => setNear(true),
    onFocus: () => setNear(true),
  };
  if (all.length < 2) {
    return (
      <a href={git.url} target="_blank" rel="noopener noreferrer" {...shared}>
        {inside}
      </a>
    );
  }
  return (
    <Menu
      trigger={
        <button type="button" {...shared}>
          {inside}
          <span className="tabular shrink-0 text-faint">+{all.length - 1}</span>
        </button>
      }
    >
      {all.map((each) => (
        <MenuItem key={each.url} asChild>
          <a href={each.url} target="_blank" rel="noopener noreferrer">
            <PullRequestIcon look={lookOf(each.pull_request_state, each.pull_request_draft)} />
            <span className="min-w-0 truncate">
              {each.pr_number === undefined ? "" : `#${each.pr_number} `}
              <bdi>{each.pull_request_title}</bdi> <span className="text-faint">{each.repository}</span>
            </span>
          </a>
        </MenuItem>
      ))}
    </Menu>
  );
}
