import type { StreamEvent, StreamFrame } from "../../contract/stream.ts";
import { firstRow, type ObjectStorage } from "../../platform/object-storage.ts";
import { mergeSegments, toPartEvent, type Previews } from "./previews.ts";
import { queueEvent, readState, readUsage, statusEvent, type ChatState } from "./state.ts";
import { readPage, toWireMessage, type MessageRow } from "./transcript.ts";

/**
 * What a viewer lacks. There is no log of events: everything whose stamp is above the viewer's cursor
 * is the missing suffix, whatever happened in between.
 */

/** More than this, and a snapshot is less work for both sides. */
const SUFFIX_MAX_ROWS = 2_000;
const SUFFIX_MAX_BYTES = 2_000_000;
/** Large enough to be few, small enough to fit beside others into a socket's window. */
const FRAME_BYTES = 128 * 1024;
/** Rows read at a time; a frame rarely holds more. */
const FRAME_ROWS = 200;
const SNAPSHOT_PAGE = 50;
const SNAPSHOT_PAGE_BYTES = 1_000_000;

type DataFrame = Extract<StreamFrame, { type: "data" }>;

interface Stamped {
  seq: number;
  event: StreamEvent;
}

/** Whether `since` is too far behind for a suffix. Reads no more rows than the limit. */
export function needsSnapshot(storage: ObjectStorage, since: number): boolean {
  const missing = firstRow(
    storage.exec<{ count: number; bytes: number | null }>(
      `select count(*) as count, sum(length(content)) as bytes
       from (select content from messages where seq > ? limit ?)`,
      since,
      SUFFIX_MAX_ROWS + 1,
    ),
  );
  return missing !== null && (missing.count > SUFFIX_MAX_ROWS || (missing.bytes ?? 0) > SUFFIX_MAX_BYTES);
}

/** The next frame after `since`, up to `head`; null when nothing is missing. */
export function nextFrame(storage: ObjectStorage, previews: Previews, since: number, head: number): DataFrame | null {
  if (since >= head) return null;
  const state = readState(storage);
  if (state === null) return null;
  const rows = storage.exec<MessageRow>("select * from messages where seq > ? order by seq limit ?", since, FRAME_ROWS);
  const rowsEnd = rows.length === FRAME_ROWS ? (rows.at(-1)?.seq ?? head) : head;
  const missing = [
    ...rows.flatMap((row) => messageEvents(state, row)),
    ...cellEvents(storage, state, since),
    ...previewEvents(previews, since),
  ]
    .filter((item) => item.seq > since && item.seq <= rowsEnd)
    .sort((a, b) => a.seq - b.seq);
  const { events, end } = cut(missing, rowsEnd);
  return { type: "data", prev: since, seq: end, data: events };
}

/**
 * Everything a viewer needs that knows nothing, as frames. Only the last one carries a stamp, so a
 * snapshot that was cut off starts over.
 */
export function snapshotFrames(storage: ObjectStorage, previews: Previews, head: number): DataFrame[] {
  const state = readState(storage);
  if (state === null) return [];
  const page = snapshotPage(storage);
  const events: StreamEvent[] = [
    { type: "reset" },
    statusEvent(state),
    { type: "title", title: state.title },
    { type: "usage", usage: readUsage(state) },
    queueEvent(storage, state.id),
    { type: "history", has_more: page.hasMore },
    ...page.rows.map((row): StreamEvent => ({ type: "message", message: toWireMessage(state.id, row) })),
    ...previewEvents(previews, 0).map((item) => item.event),
  ];
  const frames: DataFrame[] = [];
  let batch: StreamEvent[] = [];
  let size = 0;
  for (const event of events) {
    const length = JSON.stringify(event).length;
    if (size + length > FRAME_BYTES && batch.length > 0) {
      frames.push({ type: "data", data: batch });
      batch = [];
      size = 0;
    }
    batch.push(event);
    size += length;
  }
  frames.push({ type: "data", seq: head, data: batch });
  return frames;
}

function snapshotPage(storage: ObjectStorage): { rows: MessageRow[]; hasMore: boolean } {
  const newest = readPage(storage, null, SNAPSHOT_PAGE);
  const rows: MessageRow[] = [];
  let bytes = 0;
  for (const row of newest.slice(0, SNAPSHOT_PAGE)) {
    bytes += row.content.length;
    if (rows.length > 0 && bytes > SNAPSHOT_PAGE_BYTES) break;
    rows.unshift(row);
  }
  return { rows, hasMore: newest.length > rows.length };
}

function messageEvents(state: ChatState, row: MessageRow): Stamped[] {
  if (row.visibility === "model") return [];
  return row.deleted === 1
    ? [{ seq: row.seq, event: { type: "messages_deleted", ids: [row.id] } }]
    : [{ seq: row.seq, event: { type: "message", message: toWireMessage(state.id, row) } }];
}

function cellEvents(storage: ObjectStorage, state: ChatState, since: number): Stamped[] {
  const cells: Stamped[] = [];
  if (state.status_seq > since) cells.push({ seq: state.status_seq, event: statusEvent(state) });
  if (state.title_seq > since) cells.push({ seq: state.title_seq, event: { type: "title", title: state.title } });
  if (state.usage_seq > since) cells.push({ seq: state.usage_seq, event: { type: "usage", usage: readUsage(state) } });
  if (state.queue_seq > since) cells.push({ seq: state.queue_seq, event: queueEvent(storage, state.id) });
  if (state.cleared_seq > since) {
    cells.push({ seq: state.cleared_seq, event: { type: "preview_reset", message_id: null, attempt: 0 } });
  }
  return cells;
}

function previewEvents(previews: Previews, since: number): Stamped[] {
  const events: Stamped[] = [];
  for (const preview of previews.all()) {
    if (preview.startedSeq > since) {
      events.push({
        seq: preview.startedSeq,
        event: { type: "preview_reset", message_id: preview.messageId, attempt: preview.attempt },
      });
    }
    const missing = preview.segments.filter((segment) => segment.seq > since);
    for (const segment of mergeSegments(missing)) {
      events.push({ seq: segment.seq, event: toPartEvent(preview, segment) });
    }
  }
  return events;
}

/** Up to a frame's worth of events. Events of one stamp stay together: a cursor cannot stand between them. */
function cut(missing: Stamped[], last: number): { events: StreamEvent[]; end: number } {
  let size = 0;
  for (const [index, item] of missing.entries()) {
    const before = missing[index - 1];
    if (before !== undefined && size > FRAME_BYTES && before.seq !== item.seq) {
      return { events: missing.slice(0, index).map((kept) => kept.event), end: before.seq };
    }
    size += JSON.stringify(item.event).length;
  }
  return { events: missing.map((item) => item.event), end: last };
}
