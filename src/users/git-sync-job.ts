import type { TokenSource } from "../external-auth/ports.ts";
import { providerChooser } from "../git/sync/choose.ts";
import { syncStore } from "../git/sync/store.ts";
import { syncDue } from "../git/sync/sync.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/d1.ts";
import type { Jobs } from "../platform/jobs.ts";
import type { ObjectStorage } from "../platform/object-storage.ts";
import { gitAnswers, gitHolds } from "./git-answers.ts";

export const GIT_SYNC_JOB = "git-sync";
/** However much is due, others get a turn in between. */
const SOONEST_MS = 1_000;

export interface GitSyncParts {
  env: object;
  db: Database;
  storage: ObjectStorage;
  jobs: Jobs;
  clock: Clock;
  tokens: TokenSource;
  /** These chats look different from before. */
  tell(chatIds: readonly string[]): Promise<void>;
}

/** Keeps the pull requests of one user's chats up to date: one run at a time, and the next when a chat is due. */
export function createGitSync({ env, db, storage, jobs, clock, tokens, tell }: GitSyncParts) {
  let running: Promise<void> | null = null;
  let wokenMeanwhile = false;

  async function runOnce(ownerId: string): Promise<void> {
    wokenMeanwhile = false;
    const dueAt = await syncDue({
      ownerId,
      store: syncStore(db, ownerId, tell),
      tokens,
      holds: gitHolds(storage),
      clock,
      choose: providerChooser(env, { clock, answersFor: (token) => gitAnswers(storage, token, clock) }),
    });
    // What became due while we looked may not be in what we saw.
    if (wokenMeanwhile) jobs.arm(GIT_SYNC_JOB, ownerId, clock());
    else if (dueAt !== null) jobs.arm(GIT_SYNC_JOB, ownerId, Math.max(dueAt, clock() + SOONEST_MS));
  }

  return {
    /** Something has become due. */
    wake(ownerId: string): void {
      wokenMeanwhile = true;
      jobs.arm(GIT_SYNC_JOB, ownerId, clock());
    },
    /** The job. One that was started again because it took long joins the one that still runs. */
    async run(ownerId: string): Promise<void> {
      running ??= runOnce(ownerId).finally(() => {
        running = null;
      });
      await running;
    },
  };
}
