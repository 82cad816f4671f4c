import type { Clock } from "./clock.ts";
import { log } from "./log.ts";
import { firstRow, type ObjectStorage } from "./object-storage.ts";
import { waitAtMost } from "./time-limit.ts";

/**
 * A Durable Object has one alarm; this table shares it among jobs.
 *
 * Arming a job raises its generation and finishing deletes only the generation that ran, so a job
 * that is armed again while it runs is never lost.
 */
export const JOBS_TABLE = `create table jobs (
  kind text not null,
  key text not null,
  due_at integer not null,
  attempts integer not null default 0,
  generation integer not null default 1,
  parked integer not null default 0,
  primary key (kind, key)
) strict`;

/** After so many failures of its own making a job is parked and reported. */
const ATTEMPTS_BEFORE_PARKING = 10;
/** A job whose object died in the middle of it is started again after this. */
const LEASE_MS = 30_000;
/** An alarm handler that waits longer would hold up other events of the object. */
const ALARM_WAIT_MS = 5_000;
const BACKOFF_FIRST_MS = 1_000;
const BACKOFF_LAST_MS = 60_000;

/**
 * Thrown by a job that cannot do its work yet, for a reason outside of it: an agent is away, a
 * database does not answer. It is tried again, ever more slowly, and never parked.
 */
export class NotYet extends Error {
  override readonly name = "NotYet";
}

export interface Job {
  kind: string;
  key: string;
  attempts: number;
}

interface JobRow extends Job {
  due_at: number;
  generation: number;
}

export interface Jobs {
  /** Makes a job due at `dueAt`, or moves it. Part of the transaction that it stands in. */
  arm(kind: string, key: string, dueAt: number): void;
  /** As `arm`, but keeps an earlier time. */
  armBy(kind: string, key: string, dueAt: number): void;
  disarm(kind: string, key?: string): void;
  /** Starts what is due. The alarm handler calls it; never throws. */
  run(start: (job: Job) => Promise<void> | void): Promise<void>;
  /** Sets the alarm to the earliest job; for a wake that finds due jobs and no alarm. */
  schedule(): void;
}

export function createJobs(storage: ObjectStorage, clock: Clock): Jobs {
  /** What the alarm is known to be set to: setting it costs a write. Undefined: not known. */
  let scheduledFor: number | null | undefined;

  function schedule(): void {
    const next = firstRow(
      storage.exec<{ due_at: number | null }>("select min(due_at) as due_at from jobs where parked = 0"),
    );
    const dueAt = next?.due_at ?? null;
    if (dueAt === scheduledFor) return;
    scheduledFor = dueAt;
    storage.setAlarm(dueAt);
  }

  function arm(kind: string, key: string, dueAt: number): void {
    storage.exec(
      `insert into jobs (kind, key, due_at) values (?, ?, ?)
       on conflict (kind, key) do update set due_at = excluded.due_at, generation = generation + 1, attempts = 0, parked = 0`,
      kind,
      key,
      dueAt,
    );
    schedule();
  }

  function armBy(kind: string, key: string, dueAt: number): void {
    const present = firstRow(
      storage.exec<{ due_at: number; parked: number }>(
        "select due_at, parked from jobs where kind = ? and key = ?",
        kind,
        key,
      ),
    );
    if (present === null || present.parked === 1 || present.due_at > dueAt) arm(kind, key, dueAt);
  }

  function disarm(kind: string, key?: string): void {
    if (key === undefined) storage.exec("delete from jobs where kind = ?", kind);
    else storage.exec("delete from jobs where kind = ? and key = ?", kind, key);
    schedule();
  }

  function finish(job: JobRow): void {
    storage.exec("delete from jobs where kind = ? and key = ? and generation = ?", job.kind, job.key, job.generation);
  }

  function fail(job: JobRow, error: unknown): void {
    const attempts = job.attempts + 1;
    const outside = error instanceof NotYet;
    const parked = attempts >= ATTEMPTS_BEFORE_PARKING && !outside;
    const event = parked ? "job.parked" : "job.failed";
    log[outside ? "info" : "error"](event, { kind: job.kind, of: job.key, attempts, error: String(error) });
    storage.exec(
      "update jobs set attempts = ?, due_at = ?, parked = ? where kind = ? and key = ? and generation = ?",
      attempts,
      clock() + backoff(attempts, BACKOFF_FIRST_MS, BACKOFF_LAST_MS),
      parked ? 1 : 0,
      job.kind,
      job.key,
      job.generation,
    );
  }

  async function run(start: (job: Job) => Promise<void> | void): Promise<void> {
    // The alarm that brought us here is used up.
    scheduledFor = undefined;
    try {
      const due = storage.exec<JobRow>(
        "select kind, key, due_at, attempts, generation from jobs where due_at <= ? and parked = 0 order by due_at",
        clock(),
      );
      for (const job of due) {
        storage.exec("update jobs set due_at = ? where kind = ? and key = ?", clock() + LEASE_MS, job.kind, job.key);
      }
      const started = due.map(async (job) => {
        try {
          await start(job);
          finish(job);
        } catch (error) {
          fail(job, error);
        }
      });
      await waitAtMost(Promise.all(started), ALARM_WAIT_MS);
    } finally {
      schedule();
    }
  }

  return { arm, armBy, disarm, run, schedule };
}

/** Exponential, without jitter: `attempt` 1 waits `firstMs`, doubling up to `lastMs`. */
export function backoff(attempt: number, firstMs: number, lastMs: number): number {
  return Math.min(lastMs, firstMs * 2 ** Math.max(0, attempt - 1));
}
