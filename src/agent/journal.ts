import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { json, type Json } from "../contract/common.ts";
import type { CallState } from "../contract/workspace.ts";
import { AppendLog } from "./append-log.ts";
import { errorCode } from "./tool-error.ts";

/**
 * What the agent remembers of calls, so that none runs twice and no result is lost: `accepted` is on
 * the disk before anything runs, and a result stays until the chat has stored it.
 */
export interface JournalEntry {
  callId: string;
  replyTo: string;
  /** The boot that accepted (or cancelled) it. */
  bootId: string;
  /** `cancelled` without a result is a tombstone: the cancel came before the call. */
  state: "accepted" | "done" | "cancelled" | "acknowledged";
  result: CallOutcome | null;
  acknowledged: boolean;
}

export interface CallOutcome {
  value: Json;
  isError: boolean;
}

export class JournalDamaged extends Error {
  override readonly name = "JournalDamaged";
}

const record = z.discriminatedUnion("type", [
  z.object({ type: z.literal("accepted"), call: z.string(), reply_to: z.string(), boot: z.string() }),
  z.object({ type: z.literal("tombstone"), call: z.string(), reply_to: z.string(), boot: z.string() }),
  z.object({
    type: z.literal("ended"),
    call: z.string(),
    cancelled: z.boolean(),
    value: json,
    is_error: z.boolean(),
  }),
  z.object({ type: z.literal("acknowledged"), call: z.string() }),
]);
type JournalRecord = z.infer<typeof record>;

const COMPACT_BYTES = 32 * 1024 * 1024; // Results are 40 KB at most as a rule: some hundred calls between two rewrites.

export class Journal {
  readonly #bootId: string;
  readonly #entries: Map<string, JournalEntry>;
  readonly #log: AppendLog;
  #compactAt: number;

  private constructor(bootId: string, entries: Map<string, JournalEntry>, log: AppendLog) {
    this.#bootId = bootId;
    this.#entries = entries;
    this.#log = log;
    this.#compactAt = log.size + COMPACT_BYTES;
  }

  /** Reads the journal of earlier boots and rewrites it without what nobody needs any more. */
  static async open(folder: string, bootId: string): Promise<Journal> {
    const path = join(folder, "journal.jsonl");
    const entries = replay(await readText(path), path);
    const log = await AppendLog.startWith(path, compacted(entries));
    return new Journal(bootId, entries, log);
  }

  entry(callId: string): JournalEntry | undefined {
    return this.#entries.get(callId);
  }

  /** State and boot of a call as the contract names them; what runs now is the caller's to know. */
  state(callId: string): { state: CallState; bootId: string | null } {
    const entry = this.#entries.get(callId);
    if (!entry) return { state: "unknown", bootId: null };
    const interrupted = entry.state === "accepted" && entry.bootId !== this.#bootId;
    return { state: interrupted ? "interrupted" : entry.state, bootId: entry.bootId };
  }

  /** Results that no chat has confirmed, oldest first. */
  unacknowledged(): JournalEntry[] {
    return [...this.#entries.values()].filter((entry) => entry.result !== null && !entry.acknowledged);
  }

  /** On the disk when it resolves. When it rejects, the call is unknown again and must not run. */
  async accept(callId: string, replyTo: string): Promise<void> {
    this.#entries.set(callId, this.#newEntry(callId, replyTo, "accepted"));
    try {
      await this.#append({ type: "accepted", call: callId, reply_to: replyTo, boot: this.#bootId }, true);
    } catch (error) {
      this.#entries.delete(callId);
      throw error;
    }
  }

  /** Remembers that a call which never came must not run. */
  async leaveTombstone(callId: string, replyTo: string): Promise<void> {
    this.#entries.set(callId, { ...this.#newEntry(callId, replyTo, "cancelled"), acknowledged: true });
    try {
      await this.#append({ type: "tombstone", call: callId, reply_to: replyTo, boot: this.#bootId }, true);
    } catch (error) {
      this.#entries.delete(callId);
      throw error;
    }
  }

  /** The result counts from here on, even when the disk refuses it: then only a restart forgets it. */
  async end(callId: string, outcome: CallOutcome, cancelled: boolean): Promise<void> {
    const entry = this.#entries.get(callId);
    if (entry?.state !== "accepted" || entry.bootId !== this.#bootId)
      throw new Error(`Call ${callId} does not run here.`);
    entry.state = cancelled ? "cancelled" : "done";
    entry.result = outcome;
    await this.#append(
      { type: "ended", call: callId, cancelled, value: outcome.value, is_error: outcome.isError },
      true,
    );
  }

  async acknowledge(callId: string): Promise<void> {
    const entry = this.#entries.get(callId);
    if (!entry?.result || entry.acknowledged) return; // A repeat, or about a call that has no result yet.
    markAcknowledged(entry);
    await this.#append({ type: "acknowledged", call: callId }, false);
    if (this.#log.size < this.#compactAt) return;
    const rewritten = await this.#log.rewrite(() => compacted(this.#entries));
    if (rewritten) this.#compactAt = this.#log.size + COMPACT_BYTES;
  }

  close(): Promise<void> {
    return this.#log.close();
  }

  #newEntry(callId: string, replyTo: string, state: JournalEntry["state"]): JournalEntry {
    return { callId, replyTo, bootId: this.#bootId, state, result: null, acknowledged: false };
  }

  #append(line: JournalRecord, durable: boolean): Promise<void> {
    return this.#log.append(JSON.stringify(line), durable);
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "";
    throw error;
  }
}

/**
 * A last line without its end was cut off by a crash: whoever waited for it got no answer, so it counts
 * as not written. Damage elsewhere could hide a call that ran, so it is not guessed away.
 */
function replay(text: string, path: string): Map<string, JournalEntry> {
  const entries = new Map<string, JournalEntry>();
  const lines = text.split("\n");
  lines.pop();
  for (const [index, line] of lines.entries()) {
    if (line !== "") apply(entries, parse(line, `${path}:${index + 1}`));
  }
  return entries;
}

function parse(line: string, place: string): JournalRecord {
  try {
    return record.parse(JSON.parse(line));
  } catch {
    throw new JournalDamaged(
      `The journal is damaged at ${place}. Move the file away to start anew; calls in it then count as never run.`,
    );
  }
}

function apply(entries: Map<string, JournalEntry>, line: JournalRecord): void {
  if (line.type === "accepted" || line.type === "tombstone") {
    const tombstone = line.type === "tombstone";
    entries.set(line.call, {
      callId: line.call,
      replyTo: line.reply_to,
      bootId: line.boot,
      state: tombstone ? "cancelled" : "accepted",
      result: null,
      acknowledged: tombstone,
    });
    return;
  }
  const entry = entries.get(line.call);
  if (!entry) return;
  if (line.type === "acknowledged") return markAcknowledged(entry);
  entry.state = line.cancelled ? "cancelled" : "done";
  entry.result = { value: line.value, isError: line.is_error };
}

function markAcknowledged(entry: JournalEntry): void {
  if (entry.state !== "cancelled") entry.state = "acknowledged";
  entry.result = null;
  entry.acknowledged = true;
}

/** The fewest lines that replay to the same entries. An acknowledged call stays as two short ones. */
function compacted(entries: Map<string, JournalEntry>): string[] {
  return [...entries.values()].flatMap(linesOf).map((line) => JSON.stringify(line));
}

function linesOf(entry: JournalEntry): JournalRecord[] {
  const { callId: call, replyTo: reply_to, bootId: boot } = entry;
  const cancelled = entry.state === "cancelled";
  if (cancelled && entry.result === null) return [{ type: "tombstone", call, reply_to, boot }];
  const accepted = { type: "accepted" as const, call, reply_to, boot };
  if (entry.state === "accepted") return [accepted];
  if (entry.result !== null) {
    const { value, isError: is_error } = entry.result;
    return [accepted, { type: "ended", call, cancelled, value, is_error }];
  }
  return [accepted, { type: "acknowledged", call }];
}
