import { z } from "zod";
import { countDiff } from "./diff-text.ts";
import { withoutDraftMark } from "./fields.ts";
import { isOfBranch, listed, pullRequest, repository, statusOf } from "./github-shapes.ts";
import { providerHttp } from "./http.ts";
import type { GitProvider, GitProviderOptions, RepositoryRef } from "./provider.ts";
import type { ReviewVerdict } from "./reviews.ts";
import { branchPath, gitUrls, isNamed } from "./urls.ts";

const review = z.object({
  id: z.int(),
  state: z.string(),
  dismissed: z.boolean().nullish(),
  /** Absent for a team that was asked. */
  user: z.object({ login: z.string() }).nullish(),
});

/** Gitea, and Forgejo, which speaks the same. */
export function giteaProvider(options: GitProviderOptions): GitProvider {
  const urls = gitUrls("gitea", options.apiBaseUrl);
  const http = providerHttp(options, { accept: "application/json" });
  const at = ({ owner, name }: RepositoryRef) => `/repos/${owner}/${name}`;

  return {
    type: "gitea",
    ...urls,

    async findPullRequest(ref, branch) {
      if (!isNamed("gitea", ref) || branchPath(branch) === null) return null;
      const fits = (one: z.infer<typeof listed>) => isOfBranch(one, branch);
      // It cannot be asked for a branch, so the list is read, the last changed first, until there it is.
      const those = await http.list(`${at(ref)}/pulls?state=open&sort=recentupdate&limit=50`, listed, fits);
      const found = those?.find(fits);
      if (found === undefined) return null;
      return urls.parsePullRequestUrl(found.html_url) ?? { ...ref, number: found.number };
    },

    async readPullRequest(ref) {
      const path = `${at(ref)}/pulls/${ref.number}`;
      const fallbackUrl = urls.pullRequestUrl(ref);
      const answer = fallbackUrl === null ? null : await http.json(path, pullRequest);
      if (fallbackUrl === null || answer === null) return null;
      const { value: found } = answer;
      const reviews = await http.list(`${path}/reviews?limit=50`, review);
      // One is enough to learn how many there are.
      const commits = await http.json(`${path}/commits?limit=1&verification=false&files=false`, z.array(z.unknown()));
      const isCounted = found.additions != null && found.deletions != null && found.changed_files != null;
      // Before version 1.20 it does not count them.
      const own = isCounted ? null : countDiff((await http.text(`${path}.diff`, "text/plain")) ?? "");
      const counts =
        own === null ? {} : { additions: own.additions, deletions: own.deletions, changed_files: own.files };
      const title = found.draft === true ? withoutDraftMark(found.title) : found.title;
      return statusOf(
        { ...found, ...counts, title },
        {
          url: urls.normalizePullRequestUrl(found.html_url) ?? fallbackUrl,
          reviews: reviews?.flatMap(toVerdict) ?? null,
          commits: commits?.total ?? null,
        },
      );
    },

    async readPullRequestDiff(ref) {
      if (urls.pullRequestUrl(ref) === null) return null;
      return http.text(`${at(ref)}/pulls/${ref.number}.diff`, "text/plain");
    },

    async readBranchDiff(ref, branch) {
      const head = branchPath(branch);
      if (head === null || !isNamed("gitea", ref)) return null;
      const base = branchPath((await http.json(at(ref), repository))?.value.default_branch ?? "");
      // Versions that cannot do this look for a branch of that whole name, and find none.
      return base === null ? null : http.text(`${at(ref)}/compare/${base}...${head}.diff`, "text/plain");
    },
  };
}

/** What is dismissed keeps its state and is marked. */
function toVerdict({ id, state, dismissed, user }: z.infer<typeof review>): ReviewVerdict[] {
  if (user == null || (state !== "APPROVED" && state !== "REQUEST_CHANGES")) return [];
  const verdict = state === "APPROVED" ? "approved" : "changes_requested";
  return [{ id, login: user.login, verdict: dismissed === true ? "dismissed" : verdict }];
}
