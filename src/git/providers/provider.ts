import type { GitProviderType, PullRequestState } from "../../contract/git.ts";

/** A repository as a provider's API names it. `owner` may hold slashes (groups of GitLab). */
export interface RepositoryRef {
  owner: string;
  name: string;
}

export interface PullRequestRef extends RepositoryRef {
  number: number;
}

/** What a provider says of one pull request. What it did not say is null. */
export interface PullRequestStatus {
  /** As `normalizePullRequestUrl` writes it. */
  url: string;
  number: number;
  title: string;
  state: PullRequestState;
  /** True only while it is open. */
  draft: boolean;
  headSha: string | null;
  headBranch: string | null;
  baseBranch: string | null;
  authorLogin: string | null;
  authorAvatarUrl: string | null;
  commits: number | null;
  additions: number;
  deletions: number;
  changedFiles: number;
  /** Somebody approved and nobody asks for changes. Null = the provider has no such thing, or did not say. */
  approved: boolean | null;
  changesRequested: boolean;
  reviewerCount: number | null;
  /** Integer milliseconds. */
  openedAt: number | null;
  mergedAt: number | null;
  closedAt: number | null;
}

/** An answer that may be sent with the next request for the same thing, to be told that nothing changed. */
export interface KeptAnswer {
  etag: string;
  body: string;
}

/** Keeps answers between calls, by address; whoever owns the token owns the store. A lost entry costs one request. */
export interface AnswerStore {
  get(url: string): KeptAnswer | null;
  put(url: string, answer: KeptAnswer): void;
}

export interface GitProviderOptions {
  type: GitProviderType;
  /** Of the API, without a trailing slash; "" = the provider's own, such as https://api.github.com. */
  apiBaseUrl: string;
  /** The token of the person for whom is asked; null asks as nobody. */
  token: string | null;
  fetch: typeof fetch;
  answers?: AnswerStore;
  signal?: AbortSignal;
  /** Integer milliseconds, for `Retry-After` and reset times. */
  now: () => number;
}

/**
 * One of the services that keep repositories, behind one shape. Every method throws `GitProviderError`; what does
 * not exist, or may not be seen with this token, is null.
 */
export interface GitProvider {
  readonly type: GitProviderType;
  /** Where people look at it, such as https://github.com. */
  readonly webBaseUrl: string;
  /** The repository behind a remote of git: https with or without `.git`, `git@host:o/r`, `ssh://git@host/o/r`; null for another host. */
  parseOrigin(origin: string): RepositoryRef | null;
  /** Null unless it is a pull request of this host. */
  parsePullRequestUrl(url: string): PullRequestRef | null;
  /** One spelling for all: no query, fragment or further path, without punctuation that a sentence left behind. */
  normalizePullRequestUrl(url: string): string | null;
  pullRequestUrl(ref: PullRequestRef): string | null;
  branchUrl(ref: RepositoryRef, branch: string): string | null;
  /** The open pull request whose head is this branch of this repository, the last updated when there are several. */
  findPullRequest(ref: RepositoryRef, branch: string): Promise<PullRequestRef | null>;
  readPullRequest(ref: PullRequestRef): Promise<PullRequestStatus | null>;
  /** Unified, at most 4 MiB. */
  readPullRequestDiff(ref: PullRequestRef): Promise<string | null>;
  /** Of a branch against the repository's default one. */
  readBranchDiff(ref: RepositoryRef, branch: string): Promise<string | null>;
}

/** Why a provider did not answer as asked. */
export type GitProviderFailure =
  /** `retryAt` says when to come back. */
  | "rate_limit"
  /** The token is not, or no longer, good. */
  | "unauthorized"
  /** More than 4 MiB. */
  | "too_large"
  | "network"
  | "bad_answer";

export class GitProviderError extends Error {
  override readonly name = "GitProviderError";
  readonly failure: GitProviderFailure;
  readonly status: number | null;
  /** Integer milliseconds; of `rate_limit` only. */
  readonly retryAt: number | null;

  constructor(
    failure: GitProviderFailure,
    message: string,
    options: { status?: number | null; retryAt?: number | null; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.failure = failure;
    this.status = options.status ?? null;
    this.retryAt = options.retryAt ?? null;
  }
}
