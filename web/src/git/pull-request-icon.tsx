import {
  GitMerge,
  GitPullRequestArrow,
  GitPullRequestClosed,
  GitPullRequestDraft,
  type LucideIcon,
} from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "../ui/cx.ts";
import type { PullRequestLook } from "./pull-request-mark.ts";

const icons: Record<PullRequestLook, { icon: LucideIcon; colour: string }> = {
  open: { icon: GitPullRequestArrow, colour: "text-git-open" },
  draft: { icon: GitPullRequestDraft, colour: "text-git-draft" },
  merged: { icon: GitMerge, colour: "text-git-merged" },
  closed: { icon: GitPullRequestClosed, colour: "text-git-closed" },
};

/** Says nothing to whoever does not see it: words stand beside it. */
export function PullRequestIcon({ look, size = 16 }: { look: PullRequestLook; size?: number }): ReactNode {
  const { icon: Icon, colour } = icons[look];
  return <Icon size={size} className={cx("shrink-0", colour)} data-pull-request={look} aria-hidden />;
}
