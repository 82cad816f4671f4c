import type { MessageRole } from "../../contract/chats.ts";
import type { PartDelta, StreamEvent } from "../../contract/stream.ts";
import type { ObjectStorage } from "../../platform/object-storage.ts";

/** Of a tool's live output only so much is kept, in UTF-16 units: the whole is in the workspace. */
const TOOL_PREVIEW_MAX_LENGTH = 32 * 1024;

/** A piece of an open message, as it was sent. */
export interface Segment {
  seq: number;
  index: number;
  /** Place of `text` in its part, in UTF-16 units. */
  start: number;
  type: PartDelta["type"];
  toolCallId: string | null;
  toolName: string | null;
  text: string;
}

/** A message that is still being written. Its stamps are those of its start and of each segment. */
export interface OpenPreview {
  messageId: number;
  attempt: number;
  role: MessageRole;
  startedSeq: number;
  segments: Segment[];
  /** Segments before this one are in storage; null while storage does not know the preview at all. */
  saved: number | null;
}

export interface Previews {
  all(): Iterable<OpenPreview>;
  get(messageId: number): OpenPreview | undefined;
  open(messageId: number, attempt: number, role: MessageRole, startedSeq: number): void;
  append(messageId: number, segment: Segment): void;
  /** How long a part is so far; 0 when it has not begun. */
  lengthOf(messageId: number, index: number): number;
  /** Forgets one, or all, in storage too. */
  drop(messageId?: number): void;
  /** Writes what storage lacks. */
  checkpoint(): void;
  /** Starts every preview over with what is stored of it, under new stamps, as its next attempt. */
  restart(stamp: () => number): void;
}

interface PartRow {
  message_id: number;
  seq: number;
  position: number;
  start: number;
  type: PartDelta["type"];
  tool_call_id: string | null;
  tool_name: string | null;
  text: string;
}

export function createPreviews(storage: ObjectStorage): Previews {
  const open = new Map<number, OpenPreview>();
  restore();

  function restore(): void {
    const rows = storage.exec<{ message_id: number; attempt: number; role: MessageRole; started_seq: number }>(
      "select * from previews order by message_id",
    );
    for (const row of rows) {
      const segments = storage
        .exec<PartRow>("select * from parts where message_id = ? order by seq, position, start", row.message_id)
        .map((part) => ({
          seq: part.seq,
          index: part.position,
          start: part.start,
          type: part.type,
          toolCallId: part.tool_call_id,
          toolName: part.tool_name,
          text: part.text,
        }));
      open.set(row.message_id, {
        messageId: row.message_id,
        attempt: row.attempt,
        role: row.role,
        startedSeq: row.started_seq,
        segments,
        saved: segments.length,
      });
    }
  }

  function append(messageId: number, segment: Segment): void {
    const preview = open.get(messageId);
    if (preview === undefined) return;
    preview.segments.push(segment);
    if (segment.type === "tool-result") keepTail(preview);
  }

  function keepTail(preview: OpenPreview): void {
    let length = preview.segments.reduce((sum, segment) => sum + segment.text.length, 0);
    while (length > TOOL_PREVIEW_MAX_LENGTH && preview.segments.length > 1) {
      const dropped = preview.segments.shift();
      if (dropped === undefined) return;
      length -= dropped.text.length;
      if (preview.saved === null || preview.saved === 0) continue;
      preview.saved -= 1;
      storage.exec("delete from parts where message_id = ? and seq <= ?", preview.messageId, dropped.seq);
    }
  }

  function lengthOf(messageId: number, index: number): number {
    const last = open.get(messageId)?.segments.findLast((segment) => segment.index === index);
    return last === undefined ? 0 : last.start + last.text.length;
  }

  function drop(messageId?: number): void {
    if (messageId === undefined) {
      open.clear();
      storage.exec("delete from parts");
      storage.exec("delete from previews");
      return;
    }
    open.delete(messageId);
    storage.exec("delete from parts where message_id = ?", messageId);
    storage.exec("delete from previews where message_id = ?", messageId);
  }

  function checkpoint(): void {
    for (const preview of open.values()) {
      if (preview.saved === preview.segments.length) continue;
      storage.exec(
        "insert into previews (message_id, attempt, role, started_seq) values (?, ?, ?, ?) on conflict do nothing",
        preview.messageId,
        preview.attempt,
        preview.role,
        preview.startedSeq,
      );
      // Pieces since the last checkpoint become few rows: the newest stamp stands for all of a row.
      for (const segment of mergeSegments(preview.segments.slice(preview.saved ?? 0))) {
        storage.exec(
          "insert into parts (message_id, seq, position, start, type, tool_call_id, tool_name, text) values (?, ?, ?, ?, ?, ?, ?, ?)",
          preview.messageId,
          segment.seq,
          segment.index,
          segment.start,
          segment.type,
          segment.toolCallId,
          segment.toolName,
          segment.text,
        );
      }
      preview.saved = preview.segments.length;
    }
  }

  function restart(stamp: () => number): void {
    for (const { messageId, attempt, role, segments } of [...open.values()]) {
      drop(messageId);
      const merged = mergeSegments(segments);
      open.set(messageId, { messageId, attempt: attempt + 1, role, startedSeq: stamp(), segments: [], saved: null });
      for (const segment of merged) append(messageId, { ...segment, seq: stamp() });
    }
    checkpoint();
  }

  return {
    all: () => open.values(),
    get: (messageId) => open.get(messageId),
    open(messageId, attempt, role, startedSeq) {
      drop(messageId);
      open.set(messageId, { messageId, attempt, role, startedSeq, segments: [], saved: null });
    },
    append,
    lengthOf,
    drop,
    checkpoint,
    restart,
  };
}

/** Joins neighbours of one part. The joined piece has the stamp of its last. */
export function mergeSegments(segments: readonly Segment[]): Segment[] {
  const merged: Segment[] = [];
  for (const segment of segments) {
    const last = merged.at(-1);
    if (last !== undefined && last.index === segment.index && last.start + last.text.length === segment.start) {
      merged[merged.length - 1] = { ...last, seq: segment.seq, text: last.text + segment.text };
    } else {
      merged.push(segment);
    }
  }
  return merged;
}

export function toPartEvent(preview: OpenPreview, segment: Segment): StreamEvent {
  return {
    type: "message_part",
    message_id: preview.messageId,
    attempt: preview.attempt,
    role: preview.role,
    index: segment.index,
    offset: segment.start,
    part: toDelta(segment),
  };
}

function toDelta(segment: Segment): PartDelta {
  const call = { tool_call_id: segment.toolCallId ?? "", tool_name: segment.toolName ?? "" };
  switch (segment.type) {
    case "text":
      return { type: "text", text: segment.text };
    case "reasoning":
      return { type: "reasoning", text: segment.text };
    case "tool-call":
      return { type: "tool-call", ...call, args_delta: segment.text };
    case "tool-result":
      return { type: "tool-result", ...call, result_delta: segment.text };
  }
}
