import type { PartDelta, StreamEvent } from "../../contract/stream.ts";
import type { ObjectStorage } from "../../platform/object-storage.ts";
import type { Fanout } from "./fanout.ts";
import { toPartEvent, type Previews, type Segment } from "./previews.ts";
import type { Stamps } from "./stamps.ts";

/**
 * The one door for changes that viewers see: durable ones go through `commit`, pieces of an open
 * message through `write`. Whatever leaves, leaves in the order of its stamps.
 */
export interface ChatStream {
  /**
   * One transaction and, after it, one frame with the events that it emitted. When it fails, the
   * object is reset: an instance that could not write may not speak.
   */
  commit<T>(work: (changes: Changes) => T): T;
  /** Appends to part `index` of an open message. The first piece leaves at once, later ones gather. */
  write(messageId: number, index: number, piece: Piece): void;
  flush(): void;
  /** Writes previews to storage. */
  checkpoint(): void;
}

export interface Piece {
  type: PartDelta["type"];
  text: string;
  toolCallId?: string;
  toolName?: string;
  /** Place in the part; the end of what is there when it is left out. */
  start?: number;
}

export interface Changes {
  /** A new stamp; give it to the row or cell that changes. */
  stamp(): number;
  emit(event: StreamEvent): void;
}

// Two frames at 60 Hz are 33 ms: below what a reader can see, and one frame instead of one a token.
const GATHER_MS = 25;
const GATHER_LENGTH = 4 * 1024;
const CHECKPOINT_MS = 1_000;
const CHECKPOINT_LENGTH = 64 * 1024;

interface StreamParts {
  storage: ObjectStorage;
  stamps: Stamps;
  previews: Previews;
  fanout: Fanout;
  /** Resets the object. */
  abort(reason: unknown): void;
  /** All that viewers have seen is stored now. */
  afterCheckpoint(): void;
}

type Pending = Omit<Segment, "seq"> & { messageId: number };

export function createChatStream({
  storage,
  stamps,
  previews,
  fanout,
  abort,
  afterCheckpoint,
}: StreamParts): ChatStream {
  let pending: Pending[] = [];
  let pendingLength = 0;
  let unsavedLength = 0;
  let flushTimer: ReturnType<typeof setTimeout> | null = null;
  let checkpointTimer: ReturnType<typeof setTimeout> | null = null;
  /** The message whose first piece has left: its later pieces gather. */
  let gatheringFor: number | null = null;

  function commit<T>(work: (changes: Changes) => T): T {
    flush();
    const events: StreamEvent[] = [];
    const changes: Changes = {
      stamp: () => stamps.next(),
      emit: (event) => void events.push(event),
    };
    let value: T | undefined;
    try {
      storage.transaction(() => {
        value = work(changes);
      });
    } catch (error) {
      abort(error);
      throw error;
    }
    fanout.broadcast(events);
    return value as T;
  }

  function write(messageId: number, index: number, piece: Piece): void {
    const last = pending.findLast((item) => item.messageId === messageId && item.index === index);
    const end = last === undefined ? previews.lengthOf(messageId, index) : last.start + last.text.length;
    const start = Math.max(piece.start ?? end, end);
    const text = piece.start === undefined ? piece.text : piece.text.slice(start - piece.start);
    // A tool call is shown as soon as its name is known, before it has arguments.
    if (text === "" && piece.type !== "tool-call") return;
    if (last !== undefined && last === pending.at(-1) && last.start + last.text.length === start) {
      last.text += text;
    } else {
      pending.push({
        messageId,
        index,
        start,
        type: piece.type,
        text,
        toolCallId: piece.toolCallId ?? null,
        toolName: piece.toolName ?? null,
      });
    }
    pendingLength += text.length;
    if (gatheringFor !== messageId || pendingLength >= GATHER_LENGTH) {
      gatheringFor = messageId;
      flush();
    } else {
      flushTimer ??= setTimeout(flush, GATHER_MS);
    }
  }

  /** Stamp, append and broadcast in one synchronous block: nothing can come between. */
  function flush(): void {
    if (flushTimer !== null) clearTimeout(flushTimer);
    flushTimer = null;
    if (pending.length === 0) return;
    const seq = stamps.next();
    const events: StreamEvent[] = [];
    for (const { messageId, ...piece } of pending) {
      const preview = previews.get(messageId);
      if (preview === undefined) continue;
      const segment: Segment = { ...piece, seq };
      previews.append(messageId, segment);
      events.push(toPartEvent(preview, segment));
    }
    unsavedLength += pendingLength;
    pending = [];
    pendingLength = 0;
    fanout.broadcast(events);
    if (unsavedLength >= CHECKPOINT_LENGTH) checkpoint();
    else checkpointTimer ??= setTimeout(checkpoint, CHECKPOINT_MS);
  }

  function checkpoint(): void {
    if (checkpointTimer !== null) clearTimeout(checkpointTimer);
    checkpointTimer = null;
    unsavedLength = 0;
    storage.transaction(() => {
      previews.checkpoint();
    });
    if (pending.length === 0) afterCheckpoint();
  }

  return { commit, write, flush, checkpoint };
}
