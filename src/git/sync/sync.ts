import type { TokenSource } from "../../external-auth/ports.ts";
import type { Clock } from "../../platform/clock.ts";
import { isRefusedRow } from "../../platform/d1.ts";
import { log } from "../../platform/log.ts";
import { GitProviderError, type GitProvider, type PullRequestRef, type RepositoryRef } from "../providers/provider.ts";
import { inTurn } from "./in-turn.ts";
import type { ClaimedChat, FoundPullRequest, ProviderChoice, ProviderHolds, SyncOutcome, SyncStore } from "./ports.ts";
import {
  FRESH_MS,
  isLeft,
  LONGEST_HOLD_MS,
  NO_PROVIDER_MS,
  NO_TOKEN_MS,
  RATE_LIMIT_MS,
  SOONEST_RETRY_MS,
  waitAfterAnswer,
} from "./schedule.ts";

/** As many connections as the platform lets one object have open. */
const CALLS_AT_ONCE = 6;
/** One alarm does so much; what is left is due at once, and the next one does it. */
const CLAIMS_PER_RUN = 10;

export interface SyncPorts {
  ownerId: string;
  store: SyncStore;
  tokens: TokenSource;
  holds: ProviderHolds;
  clock: Clock;
  /** By a remote of git, or the address of a pull request. Null: no provider is set up for it. */
  choose(origin: string): ProviderChoice | null;
}

/** Brings what is due of one person's chats up to date, and answers when there is more to do; null = never. */
export async function syncDue(ports: SyncPorts): Promise<number | null> {
  for (let claims = 0; claims < CLAIMS_PER_RUN; claims++) {
    const chats = await ports.store.claim(ports.clock());
    if (chats.length === 0) break;
    await writeDown(ports, await askFor(ports, chats));
  }
  return ports.store.nextDueAt();
}

/** All at once; where one of them is refused, each alone, so that no chat keeps the others from what was found. */
async function writeDown(ports: SyncPorts, outcomes: readonly SyncOutcome[]): Promise<void> {
  try {
    await ports.store.write(outcomes);
  } catch (error) {
    const [only, ...others] = outcomes;
    if (only === undefined || !isRefusedRow(error)) throw error;
    if (others.length > 0) {
      for (const outcome of outcomes) await writeDown(ports, [outcome]);
      return;
    }
    log.error("git_sync.refused", { ownerId: ports.ownerId, chatId: only.chat.chatId, error });
    // What is known of it stays as it is until it is asked about again.
    await ports.store.write([{ ...only, found: [], refreshedAt: null }]);
  }
}

/** Something that a provider was asked: its answer, or when it may be asked again. */
type Asked<T> = { answer: T; askedAt: number } | { retryAt: number };

/** The same question of several chats is asked once. */
interface Question<Ref> {
  key: string;
  chosen: Chosen;
  ref: Ref;
}
/** A provider, and itself opened for nobody: reading addresses takes no token. */
interface Chosen {
  choice: ProviderChoice;
  urls: GitProvider;
}
type PullRequestQuestion = Question<PullRequestRef> & { storedUrl: string | null };

/** What the providers say of these chats. Never fails: what cannot be asked is due again later. */
export async function askFor(ports: SyncPorts, chats: readonly ClaimedChat[]): Promise<SyncOutcome[]> {
  const asker = createAsker(ports);
  const choose = chooser(ports);
  const plans = chats.map((chat) => ({ chat, ...planOf(chat, choose) }));

  const branches = await asker.each(
    plans.flatMap(({ branchQuestions }) => branchQuestions),
    (provider, { repository, branch }) => provider.findPullRequest(repository, branch),
  );
  const withFound = plans.map((plan) => {
    const found = plan.branchQuestions.flatMap(({ key, chosen }) => {
      const asked = branches.get(key);
      const ref = asked !== undefined && "answer" in asked ? asked.answer : null;
      return ref === null ? [] : [pullRequestQuestion(chosen, ref, null)];
    });
    // What the chat knows already comes last and stays: it knows its address.
    return { ...plan, pullRequestQuestions: uniqueByKey([...found, ...plan.openQuestions]) };
  });
  const pullRequests = await asker.each(
    withFound.flatMap(({ pullRequestQuestions }) => pullRequestQuestions),
    (provider, ref) => provider.readPullRequest(ref),
  );

  return withFound.map(({ chat, branchQuestions, pullRequestQuestions }) => {
    const asked = [
      ...branchQuestions.map(({ key }) => branches.get(key)),
      ...pullRequestQuestions.map(({ key }) => pullRequests.get(key)),
    ].filter((one) => one !== undefined);
    const found = pullRequestQuestions.flatMap(({ key, chosen: { urls }, ref, storedUrl }) => {
      const one = pullRequests.get(key);
      if (one === undefined || !("answer" in one) || one.answer === null) return [];
      const { answer: status, askedAt } = one;
      const { owner, name } = urls.parsePullRequestUrl(status.url) ?? ref;
      const formerUrl = storedUrl === status.url ? null : storedUrl;
      return [{ provider: urls.type, repository: `${owner}/${name}`, askedAt, status, formerUrl }];
    });
    return outcomeOf(chat, asked, found, ports.clock());
  });
}

function outcomeOf(
  chat: ClaimedChat,
  asked: readonly Asked<unknown>[],
  found: FoundPullRequest[],
  now: number,
): SyncOutcome {
  // No provider is set up for any of its remotes.
  if (asked.length === 0) return { chat, found, refreshedAt: null, nextAt: now + NO_PROVIDER_MS };
  const answered = asked.filter((one) => "answer" in one);
  const retries = asked.filter((one) => "retryAt" in one).map(({ retryAt }) => retryAt);
  const states = new Map(chat.pullRequests.map(({ url, state }) => [url, state]));
  for (const { formerUrl } of found) if (formerUrl !== null) states.delete(formerUrl);
  for (const { status } of found) states.set(status.url, status.state);
  const progress = {
    reportedAt: chat.reportedAt,
    workedAt: chat.workedAt,
    any: states.size > 0,
    anyOpen: [...states.values()].includes("open"),
  };
  const regular = now + waitAfterAnswer(now, progress);
  const retry = Math.min(...retries);
  // Where nobody has worked for long, one who never connects a provider costs no more than one who has.
  const unanswered = isLeft(now, progress) ? Math.max(regular, retry) : retry;
  return {
    chat,
    found,
    refreshedAt: retries.length > 0 ? null : Math.min(...answered.map(({ askedAt }) => askedAt)),
    nextAt: answered.length > 0 ? Math.min(regular, retry) : unanswered,
  };
}

type Choose = (origin: string) => Chosen | null;

function chooser(ports: SyncPorts): Choose {
  const chosen = new Map<string, Chosen | null>();
  return (origin) => {
    const known = chosen.get(origin);
    if (known !== undefined) return known;
    const choice = ports.choose(origin);
    const found = choice === null ? null : { choice, urls: choice.open(null) };
    chosen.set(origin, found);
    return found;
  };
}

function planOf(chat: ClaimedChat, choose: Choose) {
  const branchQuestions = chat.branches.flatMap(({ remoteOrigin, branch }) => {
    const one = choose(remoteOrigin);
    const repository = one?.urls.parseOrigin(remoteOrigin) ?? null;
    if (one === null || repository === null) return [];
    return [{ key: keyOf(one.choice, repository, `branch ${branch}`), chosen: one, ref: { repository, branch } }];
  });
  const openQuestions = chat.pullRequests.flatMap(({ url, state }) => {
    if (state !== "open") return [];
    const one = choose(url);
    const ref = one?.urls.parsePullRequestUrl(url) ?? null;
    return one === null || ref === null ? [] : [pullRequestQuestion(one, ref, url)];
  });
  return { branchQuestions: uniqueByKey(branchQuestions), openQuestions: uniqueByKey(openQuestions) };
}

function pullRequestQuestion(chosen: Chosen, ref: PullRequestRef, storedUrl: string | null): PullRequestQuestion {
  return { key: keyOf(chosen.choice, ref, `number ${ref.number}`), chosen, ref, storedUrl };
}

/** Names of owners and repositories are the same in upper and lower case, those of branches are not. */
function keyOf(choice: ProviderChoice, { owner, name }: RepositoryRef, what: string): string {
  return `${choice.id} ${owner.toLowerCase()}/${name.toLowerCase()} ${what}`;
}

function uniqueByKey<Q extends { key: string }>(questions: readonly Q[]): Q[] {
  return [...new Map(questions.map((question) => [question.key, question])).values()];
}

/** Asks in the owner's name: one token a provider, a few calls at once, and none to a provider that said "later". */
function createAsker({ ownerId, tokens, holds, clock }: SyncPorts) {
  const opened = new Map<string, Promise<GitProvider | { retryAt: number }>>();

  function open(choice: ProviderChoice): Promise<GitProvider | { retryAt: number }> {
    const known = opened.get(choice.id) ?? openWithToken(choice);
    opened.set(choice.id, known);
    return known;
  }

  async function openWithToken(choice: ProviderChoice): Promise<GitProvider | { retryAt: number }> {
    const answer = await tokens.token(ownerId, choice.id);
    if (answer.state === "ready") return choice.open(answer.token);
    return { retryAt: clock() + (answer.state === "unavailable" ? FRESH_MS : NO_TOKEN_MS) };
  }

  async function ask<Ref, Answer>(
    { key, chosen: { choice }, ref }: Question<Ref>,
    call: (provider: GitProvider, ref: Ref) => Promise<Answer>,
  ): Promise<Asked<Answer>> {
    const held = () => {
      const until = holds.until(choice.id);
      return until !== null && until > clock() ? { retryAt: until } : null;
    };
    try {
      const before = held();
      if (before !== null) return before;
      const provider = await open(choice);
      if ("retryAt" in provider) return provider;
      const meanwhile = held();
      if (meanwhile !== null) return meanwhile;
      const askedAt = clock();
      return { answer: await call(provider, ref), askedAt };
    } catch (error) {
      return { retryAt: retryTime(choice, key, error) };
    }
  }

  function retryTime(choice: ProviderChoice, key: string, error: unknown): number {
    const now = clock();
    if (!(error instanceof GitProviderError)) {
      log.error("git_sync.failed", { ownerId, question: key, error });
      return now + FRESH_MS;
    }
    log.info("git_sync.not_answered", { ownerId, question: key, failure: error.failure, status: error.status });
    if (error.failure === "unauthorized") return now + NO_TOKEN_MS;
    if (error.failure !== "rate_limit") return now + FRESH_MS;
    const told = error.retryAt ?? now + RATE_LIMIT_MS;
    const until = Math.min(Math.max(now + SOONEST_RETRY_MS, told), now + LONGEST_HOLD_MS);
    holds.hold(choice.id, until);
    return until;
  }

  return {
    /** The answer to each question, by its key. */
    async each<Ref, Answer>(
      questions: readonly Question<Ref>[],
      call: (provider: GitProvider, ref: Ref) => Promise<Answer>,
    ): Promise<Map<string, Asked<Answer>>> {
      const unique = uniqueByKey(questions);
      const asked = await inTurn(unique, CALLS_AT_ONCE, (question) => ask(question, call));
      return new Map(unique.map(({ key }, at) => [key, asked[at] ?? { retryAt: clock() + FRESH_MS }]));
    },
  };
}
