import { z } from "zod";
import { maybeCount, maybeText, sameName, toInstant } from "./fields.ts";
import { providerHttp } from "./http.ts";
import type { GitProvider, GitProviderOptions, RepositoryRef } from "./provider.ts";
import { unseenReviews, weighReviews, type ReviewVerdict } from "./reviews.ts";
import { branchPath, gitUrls, isNamed } from "./urls.ts";

const JSON_TYPE = "application/vnd.github+json";
const DIFF_TYPE = "application/vnd.github.diff";
const API_VERSION = "2022-11-28";

const repository = z.object({ default_branch: z.string() });
const end = z.object({ ref: z.string(), sha: maybeText, repo: z.object({ full_name: z.string() }).nullish() });
const listed = z.object({ number: z.int(), html_url: z.string(), head: end, base: end });
const pullRequest = listed.extend({
  title: z.string(),
  state: z.string(),
  merged: z.boolean().nullish(),
  draft: z.boolean().nullish(),
  user: z.object({ login: z.string(), avatar_url: maybeText }).nullish(),
  created_at: maybeText,
  merged_at: maybeText,
  closed_at: maybeText,
  commits: maybeCount,
  additions: maybeCount,
  deletions: maybeCount,
  changed_files: maybeCount,
});
const review = z.object({ id: z.int(), state: z.string(), user: z.object({ login: z.string() }).nullish() });

const VERDICTS: Record<string, ReviewVerdict["verdict"]> = {
  APPROVED: "approved",
  CHANGES_REQUESTED: "changes_requested",
  DISMISSED: "dismissed",
};

/** GitHub and GitHub Enterprise. */
export function githubProvider(options: GitProviderOptions): GitProvider {
  const urls = gitUrls("github", options.apiBaseUrl);
  const http = providerHttp(options, { accept: JSON_TYPE, "x-github-api-version": API_VERSION });
  const at = ({ owner, name }: RepositoryRef) => `/repos/${owner}/${name}`;

  return {
    type: "github",
    ...urls,

    async findPullRequest(ref, branch) {
      if (!isNamed("github", ref) || branchPath(branch) === null) return null;
      const head = encodeURIComponent(`${ref.owner}:${branch.toWellFormed()}`);
      const query = `state=open&head=${head}&sort=updated&direction=desc&per_page=10`;
      const those = await http.json(`${at(ref)}/pulls?${query}`, z.array(listed));
      // An owner may have a fork beside the repository, and its branches have the same owner.
      const found = those?.value.find(
        (one) => one.head.ref === branch && sameName(one.head.repo?.full_name, one.base.repo?.full_name),
      );
      if (found === undefined) return null;
      // A repository that was renamed answers under its new name.
      return urls.parsePullRequestUrl(found.html_url) ?? { ...ref, number: found.number };
    },

    async readPullRequest(ref) {
      const path = `${at(ref)}/pulls/${ref.number}`;
      const fallbackUrl = urls.pullRequestUrl(ref);
      const answer = fallbackUrl === null ? null : await http.json(path, pullRequest);
      if (fallbackUrl === null || answer === null) return null;
      const { value: found } = answer;
      const reviews = await http.list(`${path}/reviews?per_page=100`, review);
      const isMerged = found.merged ?? found.merged_at != null;
      const state = isMerged ? "merged" : found.state === "open" ? "open" : "closed";
      return {
        url: urls.normalizePullRequestUrl(found.html_url) ?? fallbackUrl,
        number: found.number,
        title: found.title,
        state,
        draft: state === "open" && found.draft === true,
        headSha: found.head.sha ?? null,
        headBranch: found.head.ref,
        baseBranch: found.base.ref,
        authorLogin: found.user?.login ?? null,
        authorAvatarUrl: found.user?.avatar_url ?? null,
        commits: found.commits ?? null,
        additions: found.additions ?? 0,
        deletions: found.deletions ?? 0,
        changedFiles: found.changed_files ?? 0,
        ...(reviews === null ? unseenReviews : weighReviews(reviews.flatMap(toVerdict))),
        openedAt: toInstant(found.created_at),
        mergedAt: toInstant(found.merged_at),
        closedAt: toInstant(found.closed_at),
      };
    },

    async readPullRequestDiff(ref) {
      if (urls.pullRequestUrl(ref) === null) return null;
      return http.text(`${at(ref)}/pulls/${ref.number}`, DIFF_TYPE);
    },

    async readBranchDiff(ref, branch) {
      const head = branchPath(branch);
      if (head === null || !isNamed("github", ref)) return null;
      const base = branchPath((await http.json(at(ref), repository))?.value.default_branch ?? "");
      return base === null ? null : http.text(`${at(ref)}/compare/${base}...${head}`, DIFF_TYPE);
    },
  };
}

/** Comments and reviews that are not yet sent say neither yes nor no. An account that is gone still said it. */
function toVerdict({ id, state, user }: z.infer<typeof review>): ReviewVerdict[] {
  const verdict = VERDICTS[state];
  return verdict === undefined ? [] : [{ id, login: user?.login ?? "ghost", verdict }];
}
