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
  /** Who looks at it. */
  readerId: string;
  /** Whether the owner worked in this repository where nobody else could lead the work there. */
  isOwnersChoice(repository: Resolved<RepositoryRef>): Promise<boolean>;
}

/** Whose account at the provider is asked. */
type Whose = "owner" | "reader";

export interface DiffAnswer {
  diff: ChatDiff;
  /** The branch has another pull request than the one that is known. */
  hasNews: boolean;
}

/** Why there is no diff, in a sentence for whoever looks at the chat. */
class Unavailable extends Error {}

/**
 * The diff of a chat's work, asked of its provider with the token of the chat's owner for that very provider. Who
 * writes in somebody else's chat can lead its work into any repository, though: one that the owner did not choose is
 * shown to others by their own account. What goes wrong is said beside what is known: it is no failure of the request.
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

  const ask = asker(work, ports);
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

type Ask = <T>(
  resolved: Resolved<RepositoryRef>,
  call: (provider: GitProvider, whose: Whose) => Promise<T>,
) => Promise<T>;

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
    const diff = await ask(repository, async (provider, whose) => {
      const text = await provider.readBranchDiff(repository.ref, work.branch);
      if (text !== null || pullRequest !== null) return text;
      const reason = `It was not pushed yet, or ${accountOf[whose]} may not see it.`;
      throw new Unavailable(`${repository.settings.displayName} shows no diff of this branch. ${reason}`);
    });
    if (diff !== null) return { of: repository, url: null, diff };
  }
  if (pullRequest === null) throw new Error("There is neither a repository nor a pull request to ask about");
  const diff = await ask(pullRequest, async (provider, whose) => {
    const text = await provider.readPullRequestDiff(pullRequest.ref);
    if (text !== null) return text;
    throw new Unavailable(
      `${pullRequest.settings.displayName} does not show this pull request to ${accountOf[whose]}.`,
    );
  });
  return { of: pullRequest, url: urlOf(pullRequest), diff };
}

const accountOf: Record<Whose, string> = { owner: "the account of the chat's owner", reader: "your account" };

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

/** Opens each provider once for each repository, with a token of its own, and puts its failures into words. */
function asker({ ownerId }: KnownWork, { tokens, fetch, now, readerId, isOwnersChoice }: DiffPorts): Ask {
  const opened = new Map<string, Promise<{ provider: GitProvider; whose: Whose }>>();
  async function open(resolved: Resolved<RepositoryRef>): Promise<{ provider: GitProvider; whose: Whose }> {
    const { id, displayName } = resolved.settings;
    const whose = readerId === ownerId || (await isOwnersChoice(resolved)) ? "owner" : "reader";
    const answer = await tokens.token(whose === "owner" ? ownerId : readerId, id);
    switch (answer.state) {
      case "ready":
        return { provider: providerOf(resolved, { token: answer.token, fetch, now }), whose };
      case "not_connected":
        throw new Unavailable(
          whose === "owner"
            ? `The owner of this chat has not connected ${displayName}.`
            : `The owner of this chat has not worked in this repository on their own. Connect ${displayName} to see the diff with your own account.`,
        );
      case "refused":
      case "unavailable":
        throw new Unavailable(answer.reason);
    }
  }
  return async (resolved, call) => {
    const { id, displayName } = resolved.settings;
    const { owner, name } = resolved.ref;
    const key = `${id} ${owner}/${name}`.toLowerCase();
    const opening = opened.get(key) ?? open(resolved);
    opened.set(key, opening);
    const { provider, whose } = await opening;
    try {
      return await call(provider, whose);
    } catch (error) {
      if (!(error instanceof GitProviderError)) throw error;
      log.warn("git_diff.not_answered", { provider: id, failure: error.failure, status: error.status });
      throw new Unavailable(sentenceOf(error, displayName, whose, now()), { cause: error });
    }
  };
}

function sentenceOf({ failure, retryAt }: GitProviderError, provider: string, whose: Whose, now: number): string {
  switch (failure) {
    case "rate_limit": {
      const minutes = Math.max(1, Math.ceil(((retryAt ?? now) - now) / 60_000));
      return `${provider} takes no more requests for now. Try again in ${minutes === 1 ? "a minute" : `${minutes} minutes`}.`;
    }
    case "unauthorized":
      return `${provider} no longer accepts the account that ${whose === "owner" ? "the chat's owner" : "you"} connected. It must be connected again.`;
    case "too_large":
      return `The diff is too large to be shown here. Look at it on ${provider}.`;
    case "network":
      return `${provider} could not be reached. Try again in a moment.`;
    case "bad_answer":
      return `${provider} did not answer as it should. Try again in a moment.`;
  }
}
