import { z } from "zod";
import { countDiff, unifiedFile, type FileDiff, type LineCount } from "./diff-text.ts";
import { maybeText, toInstant, withoutDraftMark } from "./fields.ts";
import { providerHttp, type ProviderHttp } from "./http.ts";
import {
  GitProviderError,
  type GitProvider,
  type GitProviderOptions,
  type PullRequestRef,
  type PullRequestStatus,
  type RepositoryRef,
} from "./provider.ts";
import { unseenReviews, weighReviews, type ReviewVerdict } from "./reviews.ts";
import { branchPath, gitUrls, isNamed } from "./urls.ts";

/** The same limit as for diffs that come in one piece. */
const MAX_DIFF_LENGTH = 4 * 1024 * 1024;

const project = z.object({ default_branch: z.string().nullish() });
const account = z.object({ username: z.string(), avatar_url: maybeText });
const listed = z.object({
  iid: z.int(),
  web_url: z.string(),
  source_project_id: z.int().nullish(),
  target_project_id: z.int().nullish(),
});
const mergeRequest = listed.extend({
  title: z.string(),
  state: z.string(),
  draft: z.boolean().nullish(),
  sha: maybeText,
  source_branch: maybeText,
  target_branch: maybeText,
  author: account.nullish(),
  created_at: maybeText,
  merged_at: maybeText,
  closed_at: maybeText,
  changes_count: maybeText,
});
const approvals = z.object({ approved_by: z.array(z.object({ user: account })).nullish() });
const reviewer = z.object({ user: account, state: maybeText });
const fileDiff = z.object({
  old_path: z.string(),
  new_path: z.string(),
  a_mode: z.string().default("100644"),
  b_mode: z.string().default("100644"),
  new_file: z.boolean().default(false),
  renamed_file: z.boolean().default(false),
  deleted_file: z.boolean().default(false),
  diff: z.string().default(""),
}) satisfies z.ZodType<FileDiff>;
const comparison = z.object({ diffs: z.array(fileDiff).nullish() });
/** Only the count is kept between calls, and it is read back as it was kept. */
const counted = z.object({ additions: z.int(), deletions: z.int() });
const countedFile = z.union([
  counted,
  z.object({ diff: z.string().default("") }).transform(({ diff }) => countOf(diff)),
]);

const VERDICTS: Record<string, ReviewVerdict["verdict"]> = {
  approved: "approved",
  requested_changes: "changes_requested",
  unapproved: "dismissed",
};

/** GitLab, whose merge requests are pull requests here. */
export function gitlabProvider(options: GitProviderOptions): GitProvider {
  const urls = gitUrls("gitlab", options.apiBaseUrl);
  const http = providerHttp(options, { accept: "application/json" });
  const at = ({ owner, name }: RepositoryRef) => `/projects/${encodeURIComponent(`${owner}/${name}`)}`;
  const pathOf = (ref: PullRequestRef) => `${at(ref)}/merge_requests/${ref.number}`;

  return {
    type: "gitlab",
    ...urls,

    async findPullRequest(ref, branch) {
      if (!isNamed("gitlab", ref) || branchPath(branch) === null) return null;
      const source = encodeURIComponent(branch.toWellFormed());
      const query = `state=opened&source_branch=${source}&order_by=updated_at&sort=desc&per_page=20`;
      const those = await http.json(`${at(ref)}/merge_requests?${query}`, z.array(listed));
      // From a fork, the branch of that name is another one.
      const found = those?.value.find((one) => one.source_project_id === one.target_project_id);
      if (found === undefined) return null;
      return urls.parsePullRequestUrl(found.web_url) ?? { ...ref, number: found.iid };
    },

    async readPullRequest(ref) {
      const fallbackUrl = urls.pullRequestUrl(ref);
      const path = pathOf(ref);
      const answer = fallbackUrl === null ? null : await http.json(path, mergeRequest);
      if (fallbackUrl === null || answer === null) return null;
      const { value: found } = answer;
      const reviews = await readReviews(http, path);
      // One is enough to learn how many there are.
      const commits = await http.json(`${path}/commits?per_page=1`, z.array(z.unknown()));
      const count = await countChanges(http, path, found.changes_count ?? "");
      const draft = found.draft === true;
      const state = stateOf(found.state);
      return {
        url: urls.normalizePullRequestUrl(found.web_url) ?? fallbackUrl,
        number: found.iid,
        title: draft ? withoutDraftMark(found.title) : found.title,
        state,
        draft: state === "open" && draft,
        headSha: found.sha ?? null,
        headBranch: found.source_branch ?? null,
        baseBranch: found.target_branch ?? null,
        authorLogin: found.author?.username ?? null,
        authorAvatarUrl: found.author?.avatar_url ?? null,
        commits: commits?.total ?? null,
        additions: count.additions,
        deletions: count.deletions,
        changedFiles: count.files,
        ...reviews,
        openedAt: toInstant(found.created_at),
        mergedAt: toInstant(found.merged_at),
        closedAt: toInstant(found.closed_at ?? found.merged_at),
      };
    },

    async readPullRequestDiff(ref) {
      if (urls.pullRequestUrl(ref) === null) return null;
      const raw = await http.text(`${pathOf(ref)}/raw_diffs`, "text/plain");
      // Before version 17.9 there is no such thing.
      return raw ?? joinDiff(await http.list(`${pathOf(ref)}/diffs?per_page=30`, fileDiff));
    },

    async readBranchDiff(ref, branch) {
      if (!isNamed("gitlab", ref) || branchPath(branch) === null) return null;
      const base = (await http.json(at(ref), project))?.value.default_branch;
      if (base == null) return null;
      const query = `from=${encodeURIComponent(base)}&to=${encodeURIComponent(branch.toWellFormed())}`;
      const compared = await http.json(`${at(ref)}/repository/compare?${query}`, comparison);
      return compared === null ? null : joinDiff(compared.value.diffs ?? []);
    },
  };
}

/** "locked" is what it is while it is being merged. */
function stateOf(state: string): PullRequestStatus["state"] {
  if (state === "merged") return "merged";
  return state === "closed" ? "closed" : "open";
}

/** Approvals are the approvers' alone; who asks for changes is said of the reviewers. */
async function readReviews(http: ProviderHttp, path: string) {
  const approved = await http.json(`${path}/approvals`, approvals);
  const reviewers = await http.list(`${path}/reviewers?per_page=100`, reviewer);
  if (approved === null && reviewers === null) return unseenReviews;
  const asked = (reviewers ?? []).flatMap(({ user, state }) => {
    const verdict = VERDICTS[state ?? ""];
    return verdict === undefined ? [] : [{ id: 1, login: user.username, verdict }];
  });
  const given = (approved?.value.approved_by ?? []).map(({ user }) => {
    return { id: 0, login: user.username, verdict: "approved" as const };
  });
  return weighReviews([...given, ...asked]);
}

/**
 * It has no figures of its own for this. What it folds away for its size, and what is beyond the pages that are
 * read, is in the number of files and not in those of lines.
 */
async function countChanges(http: ProviderHttp, path: string, changesCount: string): Promise<LineCount> {
  const said = Number.parseInt(changesCount, 10);
  try {
    const files = (await http.list(`${path}/diffs?per_page=30`, countedFile)) ?? [];
    const sum = (kind: "additions" | "deletions") => files.reduce((total, file) => total + file[kind], 0);
    const fileCount = Number.isNaN(said) ? files.length : Math.max(said, files.length);
    return { additions: sum("additions"), deletions: sum("deletions"), files: fileCount };
  } catch (error) {
    const isLarge = error instanceof GitProviderError && error.failure === "too_large";
    if (isLarge) return { additions: 0, deletions: 0, files: Number.isNaN(said) ? 0 : said };
    throw error;
  }
}

function countOf(diff: string): z.infer<typeof counted> {
  const { additions, deletions } = countDiff(diff);
  return { additions, deletions };
}

function joinDiff(files: readonly FileDiff[] | null): string | null {
  if (files === null) return null;
  const diff = files.map(unifiedFile).join("");
  if (diff.length <= MAX_DIFF_LENGTH) return diff;
  throw new GitProviderError("too_large", "The diff is larger than 4 MiB.");
}
