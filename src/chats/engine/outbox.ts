import type { WatchEvent } from "../../contract/chats.ts";
import { isRefusedRow } from "../../platform/d1.ts";
import { backoff } from "../../platform/jobs.ts";
import { log } from "../../platform/log.ts";
import type { ChatContext } from "./context.ts";
import type { BookedHold, LedgerRow, SearchEntry } from "./ports.ts";
import { readState, toChatRow } from "./state.ts";
import { readableText, toLedgerRow, type MessageRow } from "./transcript.ts";

/**
 * What D1 and the owner's object have yet to learn of this chat. Rows are written by the transaction
 * that changes the chat and deleted when both have taken them; a repeat changes nothing there, since
 * every row carries a version.
 */

/** A step's ledger rows wait for its settling, so that a step is one round trip; but no longer than this. */
export const LEDGER_PATIENCE_MS = 60_000;
/** Failures of the row itself, not of the way there. */
const FAILURES_BEFORE_SINGLE = 3;
const FAILURES_BEFORE_PARKING = 10;
/** Whoever writes rows drains them, too. The job is for an instance that was lost in between, and lets it try first. */
const DRAIN_GRACE_MS = 2_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_LAST_MS = 60_000;

interface OutboxRow {
  kind: "chat" | "message" | "call";
  id: number;
  version: number;
  row: string | null;
  /** The money that was set aside for this model call: it is free again once D1 has the row. */
  hold: string | null;
  watch: WatchEvent["kind"] | null;
  /** Since it was last sent or changed, whatever the reason. */
  tries: number;
  /** Those in which D1 refused the row itself. */
  failures: number;
}

export function enqueueChat(context: ChatContext, watch: WatchEvent["kind"]): void {
  const now = context.clock();
  context.storage.exec(
    `insert into outbox (kind, id, version, watch, due_at) select 'chat', 0, version, ?, ? from chat where true
     on conflict (kind, id) do update set version = excluded.version, due_at = excluded.due_at,
       watch = case when outbox.watch = 'created' then 'created' else excluded.watch end, tries = 0, failures = 0, parked = 0`,
    watch,
    now,
  );
  context.jobs.armBy("drain", "", now + DRAIN_GRACE_MS);
}

export function enqueueMessages(
  context: ChatContext,
  rows: readonly Pick<MessageRow, "id" | "seq">[],
  dueAt: number,
  hold: string | null = null,
): void {
  for (const row of rows) {
    context.storage.exec(
      `insert into outbox (kind, id, version, due_at, hold) values ('message', ?, ?, ?, ?)
       on conflict (kind, id) do update set version = excluded.version, due_at = min(due_at, excluded.due_at),
         hold = coalesce(excluded.hold, hold), tries = 0, failures = 0, parked = 0`,
      row.id,
      row.seq,
      dueAt,
      hold,
    );
  }
  context.jobs.armBy("drain", "", dueAt + DRAIN_GRACE_MS);
}

/** Books a model call that is no message: a failed attempt, a title. */
export function enqueueCall(context: ChatContext, row: LedgerRow, hold: string | null): void {
  const now = context.clock();
  context.storage.exec("insert into call_costs (id, cost) values (?, ?)", row.id, row.total_cost_micros);
  context.storage.exec(
    "insert into outbox (kind, id, version, row, due_at, hold) values ('call', ?, ?, ?, ?, ?)",
    row.id,
    row.version,
    JSON.stringify(row),
    now,
    hold,
  );
  context.jobs.armBy("drain", "", now + DRAIN_GRACE_MS);
}

/** Money was set aside for a call that cost nothing. `id` is allotted as for a call; no row is written for it. */
export function enqueueRelease(context: ChatContext, id: number, hold: string): void {
  const now = context.clock();
  context.storage.exec(
    "insert into outbox (kind, id, version, due_at, hold) values ('call', ?, 0, ?, ?)",
    id,
    now,
    hold,
  );
  context.jobs.armBy("drain", "", now + DRAIN_GRACE_MS);
}

/** Calls with money set aside that D1 may not have yet, with what they did cost. */
export function readBooked(context: ChatContext, chatId: string): BookedHold[] {
  return context.storage
    .exec<OutboxRow>("select * from outbox where hold is not null")
    .flatMap((row) => bookedHold(context, chatId, row));
}

function bookedHold(context: ChatContext, chatId: string, row: OutboxRow): BookedHold[] {
  if (row.hold === null) return [];
  return [{ hold: row.hold, micros: ledgerRow(context, chatId, row)[0]?.total_cost_micros ?? 0 }];
}

/** The step has settled: its rows go now. */
export function releaseMessages(context: ChatContext): void {
  const now = context.clock();
  context.storage.exec("update outbox set due_at = ? where kind = 'message' and due_at > ?", now, now);
  context.jobs.armBy("drain", "", now + DRAIN_GRACE_MS);
}

/**
 * Sends what is due, in one round trip to D1 and one call to the owner's object. Backs off while
 * either is away and gives nothing up; a row that itself cannot be written is sent alone after 3
 * failures and parked and reported after 10.
 */
export async function drainOutbox(context: ChatContext): Promise<void> {
  for (;;) {
    const due = readDue(context);
    if (due.length === 0) return;
    const outcome = await send(context, due);
    if (outcome === "later") return;
  }
}

function readDue(context: ChatContext): OutboxRow[] {
  const due = context.storage.exec<OutboxRow>(
    "select * from outbox where due_at <= ? and parked = 0 order by failures, kind, id limit 200",
    context.clock(),
  );
  const single = due.find((row) => row.failures >= FAILURES_BEFORE_SINGLE);
  if (single === undefined) return due;
  const healthy = due.filter((row) => row.failures < FAILURES_BEFORE_SINGLE);
  return healthy.length > 0 ? healthy : [single];
}

async function send(context: ChatContext, due: OutboxRow[]): Promise<"sent" | "later"> {
  const state = readState(context.storage);
  if (state === null) return "later";
  const chatDue = due.find((row) => row.kind === "chat");
  try {
    const chat = await context.ports.projection.write(
      chatDue === undefined ? null : toChatRow(context.storage, state),
      due.flatMap((row) => ledgerRow(context, state.id, row)),
      { owner_id: state.owner_id, organization_id: state.organization_id, root_chat_id: state.root_chat_id },
    );
    const booked = due.flatMap((row) => bookedHold(context, state.id, row));
    if (booked.length > 0) await context.ports.spend.settle(state.owner_id, state.id, booked);
    const entries = due.flatMap((row) => searchEntry(context, state.id, row));
    if (entries.length > 0) await context.ports.projection.index(state.owner_id, entries);
    for (const row of due) if (row.kind !== "chat") remove(context, row);
    if (chatDue?.watch != null && chat !== null) {
      await context.ports.projection.notify(chatDue.watch === "diff_status_change" ? "updated" : chatDue.watch, chat);
    }
    if (chatDue !== undefined) remove(context, chatDue);
    return "sent";
  } catch (error) {
    postpone(context, due, error);
    return "later";
  }
}

/** What a person or a model wrote, for the owner's search. Tools and reasoning are not in it. */
function searchEntry(context: ChatContext, chatId: string, row: OutboxRow): SearchEntry[] {
  const message = row.kind === "message" ? readAnyMessage(context, row.id) : undefined;
  if (message === undefined || message.visibility === "model") return [];
  if (message.role !== "user" && message.role !== "assistant") return [];
  const text = readableText(message);
  if (text === "") return [];
  return [
    {
      chatId,
      messageId: message.id,
      seq: message.seq,
      role: message.role,
      text,
      deleted: message.deleted === 1,
      createdAt: message.created_at,
    },
  ];
}

function readAnyMessage(context: ChatContext, id: number): MessageRow | undefined {
  return context.storage.exec<MessageRow>("select * from messages where id = ?", id)[0];
}

function ledgerRow(context: ChatContext, chatId: string, row: OutboxRow): LedgerRow[] {
  if (row.kind === "chat") return [];
  if (row.row !== null) return [JSON.parse(row.row) as LedgerRow];
  if (row.kind === "call") return [];
  const message = readAnyMessage(context, row.id);
  return message === undefined ? [] : [toLedgerRow(chatId, message)];
}

/** Unless it has changed since: then the newer version goes next. */
function remove(context: ChatContext, row: OutboxRow): void {
  context.storage.exec("delete from outbox where kind = ? and id = ? and version = ?", row.kind, row.id, row.version);
}

function postpone(context: ChatContext, due: OutboxRow[], error: unknown): void {
  const ofTheRow = isRefusedRow(error);
  const tries = Math.max(...due.map((row) => row.tries)) + 1;
  const failures = Math.max(...due.map((row) => row.failures)) + 1;
  const park = ofTheRow && due.length === 1 && failures >= FAILURES_BEFORE_PARKING;
  log[park ? "error" : "warn"](park ? "outbox.parked" : "outbox.postponed", { rows: due.length, tries, error });
  const delay = backoff(tries, RETRY_FIRST_MS, RETRY_LAST_MS);
  for (const row of due) {
    context.storage.exec(
      "update outbox set tries = tries + 1, failures = failures + ?, due_at = ?, parked = ? where kind = ? and id = ?",
      ofTheRow ? 1 : 0,
      context.clock() + delay,
      park ? 1 : 0,
      row.kind,
      row.id,
    );
  }
  context.jobs.arm("drain", "", context.clock() + delay);
}
