import type {
  ChatMessage,
  ChatStatus,
  LastErrorDetail,
  MessageRole,
  MessagesResponse,
  QueuedMessage,
} from "./chats.ts";
import type { ChatUsage, PartDelta, RetryState, StreamEvent, StreamFrame } from "./stream.ts";
import type { Json } from "./common.ts";
import type { MinimalUser } from "./identity.ts";

/**
 * What a viewer of a chat knows, as a pure function of the frames and pages it was given.
 * The web app, the command line and the tests share it. Values are never changed in place, so a
 * view can compare by identity.
 */
export interface Timeline {
  readonly epoch: string | null;
  /** Everything up to this stamp has been applied; send it as `since` when connecting. */
  readonly cursor: number;
  /** The stamp of the newest snapshot: pages read before it may hold what was deleted since. */
  readonly floor: number;
  /** False until the first suffix or snapshot is complete. */
  readonly ready: boolean;
  readonly status: ChatStatus;
  readonly lastError: string | null;
  readonly lastErrorDetail: LastErrorDetail | null;
  readonly retry: RetryState | null;
  readonly title: string | null;
  readonly usage: ChatUsage | null;
  readonly diffStatus: Json;
  readonly queue: readonly QueuedMessage[];
  /** Ascending by id. */
  readonly messages: readonly ChatMessage[];
  /** Whether messages older than `messages[0]` exist. */
  readonly hasMore: boolean;
  /** Open messages, by id. */
  readonly previews: ReadonlyMap<number, Preview>;
  readonly deleted: ReadonlySet<number>;
  /** Who watches now, as far as the connection that is open has said; nobody else when it has not. */
  readonly watching: readonly MinimalUser[];
}

/** A message that is still being written. */
export interface Preview {
  readonly messageId: number;
  readonly attempt: number;
  readonly role: MessageRole;
  /** By part index; an index may be missing while its first piece is on the way. */
  readonly parts: readonly (PreviewPart | undefined)[];
}

export interface PreviewPart {
  readonly type: PartDelta["type"];
  readonly toolCallId?: string;
  readonly toolName?: string;
  readonly text: string;
  /** Where `text` begins in the whole part: above 0 when only its tail was kept. */
  readonly start: number;
}

export function emptyTimeline(): Timeline {
  return {
    epoch: null,
    cursor: 0,
    floor: 0,
    ready: false,
    status: "waiting",
    lastError: null,
    lastErrorDetail: null,
    retry: null,
    title: null,
    usage: null,
    diffStatus: null,
    queue: [],
    messages: [],
    hasMore: false,
    previews: new Map(),
    deleted: new Set(),
    watching: [],
  };
}

/** What a frame did. On `gap` the timeline is unchanged: reconnect with the own cursor, once, then without one. */
export type FrameOutcome = "applied" | "gap" | "error";

export function applyFrame(timeline: Timeline, frame: StreamFrame): { timeline: Timeline; outcome: FrameOutcome } {
  if (frame.type === "error") return { timeline, outcome: "error" };
  if (frame.type === "hello") {
    const known = timeline.epoch === null || timeline.epoch === frame.epoch;
    const before = known ? timeline : emptyTimeline();
    return { timeline: { ...before, epoch: frame.epoch, watching: [] }, outcome: "applied" };
  }
  // Answers to what the viewer sent over this socket: the message itself comes as an event.
  if (frame.type === "sent" || frame.type === "refused") return { timeline, outcome: "applied" };
  if (frame.prev !== undefined && frame.prev > timeline.cursor) return { timeline, outcome: "gap" };
  let next = timeline;
  for (const event of frame.data) next = applyEvent(next, event);
  if (frame.seq !== undefined) {
    const snapshotEnds = !next.ready;
    next = {
      ...next,
      cursor: Math.max(next.cursor, frame.seq),
      floor: snapshotEnds ? frame.seq : next.floor,
      ready: true,
    };
  }
  return { timeline: next, outcome: "applied" };
}

/** Adds a page of older messages, read over HTTP. A late page never brings back what was deleted or changed since. */
export function applyPage(timeline: Timeline, page: MessagesResponse): Timeline {
  if (timeline.epoch !== null && page.epoch !== timeline.epoch) return timeline;
  if (page.seq < timeline.floor) return timeline;
  let next = timeline;
  for (const message of page.messages) next = putMessage(next, message, true);
  return { ...next, hasMore: page.has_more };
}

function applyEvent(timeline: Timeline, event: StreamEvent): Timeline {
  switch (event.type) {
    case "status":
      return {
        ...timeline,
        status: event.status,
        lastError: event.last_error,
        lastErrorDetail: event.last_error_detail,
        retry: event.retry,
      };
    case "message":
      return putMessage(timeline, event.message, false);
    case "messages_deleted":
      return deleteMessages(timeline, event.ids);
    case "message_part":
      return appendPart(timeline, event);
    case "preview_reset":
      return resetPreview(timeline, event.message_id, event.attempt);
    case "queue_update":
      return { ...timeline, queue: event.queued_messages };
    case "history":
      return { ...timeline, hasMore: event.has_more };
    case "title":
      return { ...timeline, title: event.title };
    case "usage":
      return { ...timeline, usage: event.usage };
    case "diff_status":
      return { ...timeline, diffStatus: event.diff_status };
    case "presence":
      return { ...timeline, watching: event.people };
    case "reset":
      return { ...emptyTimeline(), epoch: timeline.epoch, watching: timeline.watching };
  }
}

function putMessage(timeline: Timeline, message: ChatMessage, fromPage: boolean): Timeline {
  if (timeline.deleted.has(message.id)) return timeline;
  const at = lowerBound(timeline.messages, message.id);
  const present = timeline.messages[at];
  const previews = withoutPreview(timeline.previews, message.id);
  if (present?.id === message.id) {
    if (present.seq >= message.seq) return previews === timeline.previews ? timeline : { ...timeline, previews };
    return { ...timeline, previews, messages: timeline.messages.with(at, message) };
  }
  // The stream may report a change to a message of a page that was never loaded. Shown alone it
  // would leave a hole in the history; the page brings it, with this change, when it is read.
  const oldest = timeline.messages[0];
  if (!fromPage && timeline.hasMore && oldest !== undefined && message.id < oldest.id) return { ...timeline, previews };
  return { ...timeline, previews, messages: timeline.messages.toSpliced(at, 0, message) };
}

function deleteMessages(timeline: Timeline, ids: readonly number[]): Timeline {
  const deleted = new Set(timeline.deleted);
  for (const id of ids) deleted.add(id);
  let previews = timeline.previews;
  for (const id of ids) previews = withoutPreview(previews, id);
  return { ...timeline, deleted, previews, messages: timeline.messages.filter((message) => !deleted.has(message.id)) };
}

function resetPreview(timeline: Timeline, messageId: number | null, attempt: number): Timeline {
  if (messageId === null) {
    return timeline.previews.size === 0 ? timeline : { ...timeline, previews: new Map() };
  }
  if (isClosed(timeline, messageId)) return timeline;
  const present = timeline.previews.get(messageId);
  if (present !== undefined && present.attempt >= attempt) return timeline;
  const previews = new Map(timeline.previews);
  previews.set(messageId, { messageId, attempt, role: present?.role ?? "assistant", parts: [] });
  return { ...timeline, previews };
}

function appendPart(timeline: Timeline, event: Extract<StreamEvent, { type: "message_part" }>): Timeline {
  if (isClosed(timeline, event.message_id)) return timeline;
  const present = timeline.previews.get(event.message_id);
  if (present !== undefined && present.attempt > event.attempt) return timeline;
  const sameAttempt = present !== undefined && present.attempt === event.attempt;
  const parts = sameAttempt ? present.parts : [];
  const part = appendDelta(parts[event.index], event.offset, event.part);
  if (sameAttempt && present.role === event.role && part === parts[event.index]) return timeline;
  const nextParts = parts.slice();
  nextParts[event.index] = part;
  const previews = new Map(timeline.previews);
  previews.set(event.message_id, {
    messageId: event.message_id,
    attempt: event.attempt,
    role: event.role,
    parts: nextParts,
  });
  return { ...timeline, previews };
}

function appendDelta(part: PreviewPart | undefined, offset: number, delta: PartDelta): PreviewPart {
  const text = deltaText(delta);
  if (part === undefined) {
    return "tool_call_id" in delta
      ? { type: delta.type, toolCallId: delta.tool_call_id, toolName: delta.tool_name, text, start: offset }
      : { type: delta.type, text, start: offset };
  }
  const end = part.start + part.text.length;
  // What was kept of the tail starts beyond what is known: the part between is lost to view, not to the record.
  if (offset > end) return { ...part, text, start: offset };
  const fresh = text.slice(end - offset);
  return fresh === "" ? part : { ...part, text: part.text + fresh };
}

function deltaText(delta: PartDelta): string {
  switch (delta.type) {
    case "text":
    case "reasoning":
      return delta.text;
    case "tool-call":
      return delta.args_delta;
    case "tool-result":
      return delta.result_delta;
  }
}

/** A preview whose message has arrived, or was deleted, is over; a late piece of it changes nothing. */
function isClosed(timeline: Timeline, messageId: number): boolean {
  return (
    timeline.deleted.has(messageId) || timeline.messages[lowerBound(timeline.messages, messageId)]?.id === messageId
  );
}

function withoutPreview(previews: ReadonlyMap<number, Preview>, messageId: number): ReadonlyMap<number, Preview> {
  if (!previews.has(messageId)) return previews;
  const next = new Map(previews);
  next.delete(messageId);
  return next;
}

function lowerBound(messages: readonly ChatMessage[], messageId: number): number {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((messages[middle]?.id ?? Infinity) < messageId) low = middle + 1;
    else high = middle;
  }
  return low;
}
