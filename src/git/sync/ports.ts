import type { GitProviderType, PullRequestState } from "../../contract/git.ts";
import type { GitProvider, PullRequestStatus } from "../providers/provider.ts";

/** A chat whose turn it is, with what is known of its work. */
export interface ClaimedChat {
  chatId: string;
  /** What the claim wrote into `stale_at`: whoever finds another value there has been overtaken. */
  leasedUntil: number;
  /** When its newest branch was reported first. */
  reportedAt: number;
  /** When anything was last done in it. */
  workedAt: number;
  /** The newest first. */
  branches: { remoteOrigin: string; branch: string }[];
  pullRequests: { url: string; state: PullRequestState }[];
}

/** What a provider said of a pull request of a chat. */
export interface FoundPullRequest {
  provider: GitProviderType;
  /** `owner/name`. */
  repository: string;
  /** Before it was asked: a later answer counts for more. */
  askedAt: number;
  status: PullRequestStatus;
  /** The address under which the chat knew it, where it has another one now: its repository was renamed. */
  formerUrl: string | null;
}

export interface SyncOutcome {
  chat: ClaimedChat;
  found: FoundPullRequest[];
  /** When the provider was asked, where it answered all that was asked of it. */
  refreshedAt: number | null;
  nextAt: number;
}

/** The rows of one person's chats. */
export interface SyncStore {
  /** Chats that are due, those that have waited longest first, at most 50; nobody else gets them until the lease ends. */
  claim(now: number): Promise<ClaimedChat[]>;
  /** All or nothing. What was reported meanwhile stays. Tells the sidebars of what a person can see. */
  write(outcomes: readonly SyncOutcome[]): Promise<void>;
  /** When the next chat is due; null when there is none. */
  nextDueAt(): Promise<number | null>;
}

/** The provider that a remote of git belongs to. */
export interface ProviderChoice {
  /** Of its configuration: whose token it takes. */
  id: string;
  open(token: string | null): GitProvider;
}

/** Providers that take no more requests for now, and until when. */
export interface ProviderHolds {
  until(providerId: string): number | null;
  hold(providerId: string, until: number): void;
}
