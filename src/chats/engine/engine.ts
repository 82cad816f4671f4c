import type { Clock } from "../../platform/clock.ts";
import { createJobs, type Job } from "../../platform/jobs.ts";
import { log } from "../../platform/log.ts";
import { migrate } from "../../platform/migrator.ts";
import { keepRows, type ObjectStorage } from "../../platform/object-storage.ts";
import { waitAtMost } from "../../platform/time-limit.ts";
import { advanceTurn } from "./advance.ts";
import { archiveChild, archiveRows } from "./archive.ts";
import { cancelCall, dispatchCalls, giveUpCall } from "./calls.ts";
import { interruptChild, reconcileChildren, startChild } from "./children.ts";
import type { Barrier, ChatContext } from "./context.ts";
import { createFanout } from "./fanout.ts";
import { CHAT_MIGRATIONS } from "./migrations.ts";
import { drainOutbox } from "./outbox.ts";
import type { EnginePorts } from "./ports.ts";
import { createPreviews } from "./previews.ts";
import { reportToParent } from "./run.ts";
import { createStamps } from "./stamps.ts";
import { readState } from "./state.ts";
import { createChatStream } from "./stream.ts";
import { needsSnapshot, nextFrame, snapshotFrames } from "./suffix.ts";
import { openCalls } from "./tool-results.ts";
import { makeTitle } from "./title.ts";
import { WATCHDOG_MS } from "./turn.ts";
import { readTurn } from "./turn-row.ts";
import { checkAccess } from "./viewing.ts";

const STALLED_CHECK_MS = 30_000;
/**
 * How long a drain stands back at most. Enough for a request to be on its way to the provider, or for a report to
 * be at the parent; little beside the second for which an HTTP answer may wait for the drain.
 */
const DRAIN_STANDS_BACK_MS = 30;

export interface EngineParts {
  storage: ObjectStorage;
  clock: Clock;
  random: () => number;
  ports: EnginePorts;
  /** Keeps the object alive for work that nobody awaits. */
  waitUntil(promise: Promise<unknown>): void;
  /** Resets the object: what is in memory is lost, what is in storage counts. */
  abort(reason: unknown): void;
  barrier(name: Barrier): Promise<void>;
}

/** A chat, put together over its storage. Loads counters and open previews, nothing of the history. */
export function createChatContext(parts: EngineParts): ChatContext {
  const { clock } = parts;
  migrate(parts.storage, CHAT_MIGRATIONS);
  const storage = keepRows(parts.storage, ["chat", "turn"]);
  const stamps = createStamps(storage, readState(storage)?.reserved_seq ?? 0);
  const previews = createPreviews(storage);
  const jobs = createJobs(storage, clock);
  const fanout = createFanout(
    {
      head: () => stamps.head,
      needsSnapshot: (since) => needsSnapshot(storage, since),
      nextFrame: (since) => nextFrame(storage, previews, since, stamps.head),
      snapshot: () => snapshotFrames(storage, previews, stamps.head),
    },
    clock,
    () => jobs.armBy("stalled", "", clock() + STALLED_CHECK_MS),
  );
  const stream = createChatStream({
    storage,
    stamps,
    previews,
    fanout,
    abort: parts.abort,
    // Whoever holds no model call may sleep from here on, and wakes as it was.
    afterCheckpoint: () => {
      if (context.modelCall !== null) return;
      stamps.release();
      fanout.save();
    },
  });
  let draining: Promise<void> | null = null;
  const first = new Set<Promise<unknown>>();

  const context: ChatContext = {
    storage,
    clock,
    random: parts.random,
    ports: parts.ports,
    jobs,
    stamps,
    previews,
    fanout,
    stream,
    modelCall: null,
    advance() {
      advanceTurn(context);
      if (context.modelCall === null) stream.checkpoint();
      // The alarm would come some milliseconds later, and a parent waits.
      if (owesReport(context)) context.background("report", () => runJobs(context));
      if (hasDue(context)) context.background("drain", () => context.drain());
    },
    background(name, work) {
      parts.waitUntil(
        work().catch((error: unknown) => {
          log.error("background.failed", { work: name, error });
        }),
      );
    },
    goFirst(work) {
      first.add(work);
      const gone = () => void first.delete(work);
      work.then(gone, gone);
    },
    drain() {
      draining ??= standBack()
        .then(() => drainOutbox(context))
        .finally(() => {
          draining = null;
        });
      return draining;
    },
    barrier: (name) => parts.barrier(name),
  };
  restorePreviews(context);
  return context;

  async function standBack(): Promise<void> {
    if (first.size > 0) await waitAtMost(Promise.allSettled(first), DRAIN_STANDS_BACK_MS);
  }
}

/** An instance that died took pieces with it that viewers have seen: all start over with what is stored. */
function restorePreviews(context: ChatContext): void {
  const state = readState(context.storage);
  if (state === null || state.released === 1) return;
  context.stream.commit((changes) => {
    context.storage.exec("update chat set cleared_seq = ?", changes.stamp());
    context.previews.restart(() => changes.stamp());
  });
}

function hasDue(context: ChatContext): boolean {
  return (
    context.storage.exec("select 1 from outbox where due_at <= ? and parked = 0 limit 1", context.clock()).length > 0
  );
}

function owesReport(context: ChatContext): boolean {
  return (
    context.storage.exec("select 1 from jobs where kind = 'report' and due_at <= ? and parked = 0", context.clock())
      .length > 0
  );
}

/** What the alarm does: starts jobs, never hosts them. */
export async function runJobs(context: ChatContext): Promise<void> {
  await context.jobs.run((job) => startJob(context, job));
}

async function startJob(context: ChatContext, job: Job): Promise<void> {
  switch (job.kind) {
    case "watchdog":
      return judgeTurn(context);
    case "retry":
    case "interrupt_end":
      context.advance();
      return;
    case "drain":
      await context.drain();
      return;
    case "dispatch":
      await dispatchCalls(context);
      return;
    case "deadline":
      giveUpCall(context, job.key);
      return;
    case "cancel":
      await cancelCall(context, job.key);
      return;
    case "stalled":
      return closeStalled(context);
    case "children":
      await reconcileChildren(context);
      return;
    case "child_start":
      await startChild(context, job.key, false);
      return;
    case "child_restart":
      await startChild(context, job.key, true);
      return;
    case "child_interrupt":
      await interruptChild(context, job.key);
      return;
    case "report": {
      const report = reportToParent(context);
      context.goFirst(report);
      return report;
    }
    case "archive_child":
      await archiveChild(context, job.key);
      return;
    case "archive_tree":
      await archiveRows(context, job.key);
      return;
    case "title":
      await makeTitle(context);
      return;
    case "access":
      await checkAccess(context);
      return;
    default:
      log.warn("job.unknown", { kind: job.kind });
  }
}

/** The fixed tick while a turn is under way: recovers what was lost, asks after calls that are out. */
function judgeTurn(context: ChatContext): void {
  if (readTurn(context.storage).phase === "idle") return;
  context.jobs.arm("watchdog", "", context.clock() + WATCHDOG_MS);
  context.advance();
  if (openCalls(context).length > 0) context.background("dispatch", () => dispatchCalls(context));
}

function closeStalled(context: ChatContext): void {
  const next = context.fanout.closeStalled();
  if (next !== null) context.jobs.armBy("stalled", "", next);
}
