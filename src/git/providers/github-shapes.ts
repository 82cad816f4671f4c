import { z } from "zod";
import { maybeCount, maybeText, sameName, toInstant } from "./fields.ts";
import type { PullRequestStatus } from "./provider.ts";
import { unseenReviews, weighReviews, type ReviewVerdict } from "./reviews.ts";

/** What Gitea has in the shapes of GitHub. */

export const repository = z.object({ default_branch: z.string() });
const end = z.object({ ref: z.string(), sha: maybeText, repo: z.object({ full_name: z.string() }).nullish() });
export const listed = z.object({ number: z.int(), html_url: z.string(), head: end, base: end });
export const pullRequest = listed.extend({
  title: z.string(),
  state: z.string(),
  merged: z.boolean().nullish(),
  draft: z.boolean().nullish(),
  user: z.object({ login: z.string(), avatar_url: maybeText }).nullish(),
  created_at: maybeText,
  merged_at: maybeText,
  closed_at: maybeText,
  additions: maybeCount,
  deletions: maybeCount,
  changed_files: maybeCount,
});

/** An owner may have a fork beside the repository, and its branches have the same owner. */
export function isOfBranch({ head, base }: z.infer<typeof listed>, branch: string): boolean {
  return head.ref === branch && sameName(head.repo?.full_name, base.repo?.full_name);
}

/** `reviews` are null where they may not be seen, `commits` where nobody counts them. */
export function statusOf(
  found: z.infer<typeof pullRequest>,
  {
    url,
    reviews,
    commits,
  }: { url: string; reviews: readonly ReviewVerdict[] | null; commits: PullRequestStatus["commits"] },
): PullRequestStatus {
  const isMerged = found.merged ?? found.merged_at != null;
  const state = isMerged ? "merged" : found.state === "open" ? "open" : "closed";
  return {
    url,
    number: found.number,
    title: found.title,
    state,
    draft: state === "open" && found.draft === true,
    headSha: found.head.sha ?? null,
    headBranch: found.head.ref,
    baseBranch: found.base.ref,
    authorLogin: found.user?.login ?? null,
    authorAvatarUrl: found.user?.avatar_url ?? null,
    commits,
    additions: found.additions ?? 0,
    deletions: found.deletions ?? 0,
    changedFiles: found.changed_files ?? 0,
    ...(reviews === null ? unseenReviews : weighReviews(reviews)),
    openedAt: toInstant(found.created_at),
    mergedAt: toInstant(found.merged_at),
    closedAt: toInstant(found.closed_at ?? found.merged_at),
  };
}
