import { z } from "zod";
import { maybeCount } from "./fields.ts";
import { isOfBranch, listed, pullRequest, repository, statusOf } from "./github-shapes.ts";
import { providerHttp } from "./http.ts";
import type { GitProvider, GitProviderOptions, RepositoryRef } from "./provider.ts";
import type { ReviewVerdict } from "./reviews.ts";
import { branchPath, gitUrls, isNamed } from "./urls.ts";

const JSON_TYPE = "application/vnd.github+json";
const DIFF_TYPE = "application/vnd.github.diff";
const API_VERSION = "2022-11-28";

const counted = pullRequest.extend({ commits: maybeCount });
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
      const found = those?.value.find((one) => isOfBranch(one, branch));
      if (found === undefined) return null;
      // A repository that was renamed answers under its new name.
      return urls.parsePullRequestUrl(found.html_url) ?? { ...ref, number: found.number };
    },

    async readPullRequest(ref) {
      const path = `${at(ref)}/pulls/${ref.number}`;
      const fallbackUrl = urls.pullRequestUrl(ref);
      const answer = fallbackUrl === null ? null : await http.json(path, counted);
      if (fallbackUrl === null || answer === null) return null;
      const { value: found } = answer;
      const reviews = await http.list(`${path}/reviews?per_page=100`, review);
      return statusOf(found, {
        url: urls.normalizePullRequestUrl(found.html_url) ?? fallbackUrl,
        reviews: reviews?.flatMap(toVerdict) ?? null,
        commits: found.commits ?? null,
      });
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
