import type { ChatDiff } from "../contract/git.ts";
import type { ExternalAuthSettings, TokenSource } from "../external-auth/ports.ts";
import { log } from "../platform/log.ts";
import {
  GitProviderError,
  type GitProvider,
  type GitProviderOptions,
  type PullRequestRef,
  type RepositoryRef,
} from "./providers/provider.ts";
import { providerOf, resolveOrigin, resolvePullRequestUrl, type Resolved } from "./resolve.ts";

/** What is known of a chat's work without asking anybody; "" and null = not known. */
export interface KnownWork {
  chatId: string;
  ownerId: string;
  remoteOrigin: string;
  branch: string;
  /** Of the pull request that stands for the chat. */
  url: string | null;
  headBranch: string | null;
  isOpen: boolean;
}

export interface DiffPorts extends Pick<GitProviderOptions, "fetch" | "now"> {
  providers: readonly ExternalAuthSettings[];
  tokens: TokenSource;
}

export interface DiffAnswer {
  diff: ChatDiff;
  /** The branch has another pull request than the one that is known. */
  hasNews: boolean;
}

/** Why there is no diff, in a sentence for whoever looks at the chat. */
class Unavailable extends Error {}

/**
 * The diff of a chat's work, asked of its provider with the token of the chat's owner for that very provider. What
 * goes wrong there is said beside what is known: it is no failure of the request.
 */
export async function readChatDiff(work: KnownWork, ports: DiffPorts): Promise<DiffAnswer> {
  const { remoteOrigin, branch, url } = work;
  const known: ChatDiff = {
    chat_id: work.chatId,
    ...(remoteOrigin === "" ? {} : { remote_origin: remoteOrigin }),
    ...(branch === "" ? {} : { branch }),
    ...(url === null ? {} : { pull_request_url: url }),
  };
  const repository = branch === "" ? null : resolveOrigin(ports.providers, remoteOrigin);
  const stored = url === null ? null : resolvePullRequestUrl(ports.providers, url);
  const resolved = repository ?? stored;
  if (resolved === null) return { diff: { ...known, ...whyUnknown(known) }, hasNews: false };
  known.provider = resolved.type;

  const ask = asker(work.ownerId, ports);
  let found: Resolved<PullRequestRef> | null = null;
  try {
    found = repository === null ? null : await findLive(ask, repository, work);
    const shown = await readShown(ask, work, { repository, pullRequest: found ?? stored, isLive: found !== null });
    const { pull_request_url: _, ...rest } = known;
    return {
      diff: {
        ...rest,
        provider: shown.of.type,
        ...(shown.url === null ? {} : { pull_request_url: shown.url }),
        ...(shown.diff === "" ? {} : { diff: shown.diff }),
      },
      hasNews: isNews(found, url),
    };
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    const current = found === null ? {} : { pull_request_url: urlOf(found) };
    return { diff: { ...known, ...current, unavailable_reason: error.message }, hasNews: isNews(found, url) };
  }
}

type Ask = <T>(resolved: Resolved<unknown>, call: (provider: GitProvider) => Promise<T>) => Promise<T>;

/** Without a pull request on record its absence is the answer; with one, whether there is a newer can wait. */
async function findLive(
  ask: Ask,
  repository: Resolved<RepositoryRef>,
  { branch, url }: KnownWork,
): Promise<Resolved<PullRequestRef> | null> {
  try {
    const ref = await ask(repository, (provider) => provider.findPullRequest(repository.ref, branch));
    return ref === null ? null : { ...repository, ref };
  } catch (error) {
    if (error instanceof Unavailable && url !== null) return null;
    throw error;
  }
}

interface Shown {
  of: Resolved<unknown>;
  /** Null: it is the branch's own. */
  url: string | null;
  diff: string;
}

interface Candidates {
  repository: Resolved<RepositoryRef> | null;
  pullRequest: Resolved<PullRequestRef> | null;
  isLive: boolean;
}

async function readShown(ask: Ask, work: KnownWork, { repository, pullRequest, isLive }: Candidates): Promise<Shown> {
  // One that is over, of another branch than the chat is on by now, says nothing of what is done there.
  const isHistory = !isLive && !work.isOpen && work.headBranch !== null && work.headBranch !== work.branch;
  if (repository !== null && (pullRequest === null || isHistory)) {
    const diff = await ask(repository, (provider) => provider.readBranchDiff(repository.ref, work.branch));
    if (diff !== null) return { of: repository, url: null, diff };
    if (pullRequest === null) {
      const { displayName } = repository.settings;
      throw new Unavailable(
        `${displayName} shows no diff of this branch. It was not pushed yet, or the account of the chat's owner may not see it.`,
      );
    }
  }
  if (pullRequest === null) throw new Error("There is neither a repository nor a pull request to ask about");
  const diff = await ask(pullRequest, (provider) => provider.readPullRequestDiff(pullRequest.ref));
  if (diff !== null) return { of: pullRequest, url: urlOf(pullRequest), diff };
  const { displayName } = pullRequest.settings;
  throw new Unavailable(`${displayName} does not show this pull request to the account of the chat's owner.`);
}

function urlOf({ urls, ref }: Resolved<PullRequestRef>): string {
  return urls.pullRequestUrl(ref) ?? "";
}

function isNews(found: Resolved<PullRequestRef> | null, url: string | null): boolean {
  return found !== null && urlOf(found).toLowerCase() !== url?.toLowerCase();
}

function whyUnknown({ remote_origin: origin, pull_request_url: url }: ChatDiff): Pick<ChatDiff, "unavailable_reason"> {
  if (origin === undefined && url === undefined) return {};
  return { unavailable_reason: `No git service is set up here for ${origin ?? url}.` };
}

/** Opens each provider once, with a token of its own, and puts its failures into words. */
function asker(ownerId: string, { tokens, fetch, now }: DiffPorts): Ask {
  const opened = new Map<string, Promise<GitProvider>>();
  async function open(resolved: Resolved<unknown>): Promise<GitProvider> {
    const { id, displayName } = resolved.settings;
    const answer = await tokens.token(ownerId, id);
    switch (answer.state) {
      case "ready":
        return providerOf(resolved, { token: answer.token, fetch, now });
      case "not_connected":
        throw new Unavailable(`The owner of this chat has not connected ${displayName}.`);
      case "refused":
      case "unavailable":
        throw new Unavailable(answer.reason);
    }
  }
  return async (resolved, call) => {
    const { id, displayName } = resolved.settings;
    const opening = opened.get(id) ?? open(resolved);
    opened.set(id, opening);
    const provider = await opening;
    try {
      return await call(provider);
    } catch (error) {
      if (!(error instanceof GitProviderError)) throw error;
      log.warn("git_diff.not_answered", { provider: id, failure: error.failure, status: error.status });
      throw new Unavailable(sentenceOf(error, displayName, now()), { cause: error });
    }
  };
}

function sentenceOf({ failure, retryAt }: GitProviderError, provider: string, now: number): string {
  switch (failure) {
    case "rate_limit": {
      const minutes = Math.max(1, Math.ceil(((retryAt ?? now) - now) / 60_000));
      return `${provider} takes no more requests for now. Try again in ${minutes === 1 ? "a minute" : `${minutes} minutes`}.`;
    }
    case "unauthorized":
      return `${provider} no longer accepts the account that the chat's owner connected. It must be connected again.`;
    case "too_large":
      return `The diff is too large to be shown here. Look at it on ${provider}.`;
    case "network":
      return `${provider} could not be reached. Try again in a moment.`;
    case "bad_answer":
      return `${provider} did not answer as it should. Try again in a moment.`;
  }
}
