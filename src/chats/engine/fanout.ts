import { z } from "zod";
import {
  ackFrame,
  SEND_FRAME_MAX_LENGTH,
  sendFrame,
  type StreamEvent,
  type StreamFrame,
} from "../../contract/stream.ts";
import type { Clock } from "../../platform/clock.ts";

/** A viewer's socket, as far as the fan-out needs one. The attachment survives the object's sleep. */
export interface StreamSocket {
  send(text: string): void;
  close(code: number, reason: string): void;
  load(): Attachment | null;
  save(attachment: Attachment): void;
}

export const attachment = z.object({
  userId: z.string(),
  sessionId: z.string(),
  cursor: z.int(),
  sent: z.int(),
  acked: z.int(),
});
export type Attachment = z.infer<typeof attachment>;

/** What the fan-out asks of the chat. */
export interface StreamSource {
  head(): number;
  needsSnapshot(since: number): boolean;
  nextFrame(since: number): StreamFrame | null;
  snapshot(): StreamFrame[];
}

/** Bytes that may be on the way to one socket; a larger frame goes out when nothing is. */
const WINDOW_BYTES = 256 * 1024;
/** Bytes that may be on the way to all sockets together: the object has 128 MB for everything. */
const ALL_WINDOWS_BYTES = 16 * 1024 * 1024;
const STALLED_MS = 30_000;
const JUNK_FRAMES_BEFORE_CLOSE = 20;
/** "Try again later": the client comes back with its cursor and loses nothing. */
const TRY_AGAIN_LATER = 1013;
export const POLICY_VIOLATION = 1008;

interface Viewer extends Attachment {
  /** A current viewer gets the shared frames; one that is behind gets its own suffix until it is not. */
  current: boolean;
  snapshotDue: boolean;
  progressedAt: number;
  junk: number;
  saved: string;
}

export interface Fanout {
  /** Adopts a socket that outlived the object's sleep. */
  adopt(socket: StreamSocket): void;
  /** `since` null asks for a snapshot. `hello` goes out first. */
  join(
    socket: StreamSocket,
    who: { userId: string; sessionId: string; since: number | null },
    hello: StreamFrame,
  ): void;
  leave(socket: StreamSocket): void;
  /** One frame to all that are current. Call in the same synchronous block as the change it tells of. */
  broadcast(events: StreamEvent[]): void;
  /** One frame to all, current or not, that no cursor knows of: it tells of the moment and is not caught up on. */
  mention(event: StreamEvent): void;
  /** One frame to one viewer, if it is still there; no cursor knows of it. */
  tell(socket: StreamSocket, frame: StreamFrame): void;
  /** Takes what a client sends. Answers a message that is to be sent, and null where nothing more is to be done. */
  receive(socket: StreamSocket, message: string | ArrayBuffer): SendAsked | null;
  /** Writes attachments: before any phase in which the object may sleep. */
  save(): void;
  /** Closes viewers that have taken nothing for 30 s. Answers when to look again, or null. */
  closeStalled(): number | null;
  viewers(): Iterable<[StreamSocket, Attachment]>;
  viewer(socket: StreamSocket): Attachment | null;
  readonly size: number;
}

const encoder = new TextEncoder();
const utf8Length = (text: string): number => encoder.encode(text).byteLength;

export function createFanout(source: StreamSource, clock: Clock, onBehind: () => void): Fanout {
  const viewers = new Map<StreamSocket, Viewer>();
  let lastSeq = source.head();

  function save(socket: StreamSocket, viewer: Viewer): void {
    const { userId, sessionId, cursor, sent, acked } = viewer;
    const state = { userId, sessionId, cursor, sent, acked };
    const text = JSON.stringify(state);
    if (text === viewer.saved) return;
    viewer.saved = text;
    socket.save(state);
  }

  function send(socket: StreamSocket, viewer: Viewer, text: string, bytes: number): boolean {
    try {
      socket.send(text);
    } catch {
      // The socket closed under us; its close event may still be on the way.
      viewers.delete(socket);
      return false;
    }
    if (viewer.sent === viewer.acked) viewer.progressedAt = clock();
    viewer.sent += bytes;
    return true;
  }

  function pass(socket: StreamSocket, viewer: Viewer, frame: StreamFrame): boolean {
    const text = JSON.stringify(frame);
    return send(socket, viewer, text, utf8Length(text));
  }

  function fallBehind(socket: StreamSocket, viewer: Viewer): void {
    viewer.current = false;
    save(socket, viewer);
    onBehind();
  }

  /** Joining, lagging and waking are this one path. */
  function pump(socket: StreamSocket, viewer: Viewer): void {
    while (!viewer.current && viewer.sent - viewer.acked < WINDOW_BYTES) {
      if (viewer.snapshotDue || source.needsSnapshot(viewer.cursor)) {
        const head = source.head();
        for (const frame of source.snapshot()) if (!pass(socket, viewer, frame)) return;
        viewer.cursor = head;
        viewer.snapshotDue = false;
        continue;
      }
      const frame = source.nextFrame(viewer.cursor);
      if (frame === null || frame.type !== "data") {
        viewer.current = true;
        continue;
      }
      if (!pass(socket, viewer, frame)) return;
      viewer.cursor = frame.seq ?? viewer.cursor;
    }
    save(socket, viewer);
  }

  function join(
    socket: StreamSocket,
    who: { userId: string; sessionId: string; since: number | null },
    hello: StreamFrame,
  ): void {
    const viewer: Viewer = {
      userId: who.userId,
      sessionId: who.sessionId,
      cursor: who.since ?? 0,
      sent: 0,
      acked: 0,
      current: false,
      snapshotDue: who.since === null || who.since > source.head(),
      progressedAt: clock(),
      junk: 0,
      saved: "",
    };
    viewers.set(socket, viewer);
    if (!pass(socket, viewer, hello)) return;
    pump(socket, viewer);
    if (!viewer.current) onBehind();
  }

  function adopt(socket: StreamSocket): void {
    const state = socket.load();
    if (state === null) {
      socket.close(TRY_AGAIN_LATER, "Please reconnect.");
      return;
    }
    const viewer: Viewer = {
      ...state,
      current: state.cursor === source.head(),
      snapshotDue: state.cursor > source.head(),
      progressedAt: clock(),
      junk: 0,
      saved: JSON.stringify(state),
    };
    viewers.set(socket, viewer);
    if (!viewer.current) onBehind();
  }

  function broadcast(events: StreamEvent[]): void {
    if (events.length === 0) return;
    const seq = source.head();
    const frame: StreamFrame = { type: "data", prev: lastSeq, seq, data: events };
    lastSeq = seq;
    if (viewers.size === 0) return;
    const text = JSON.stringify(frame);
    const bytes = utf8Length(text);
    let underway = 0;
    for (const [socket, viewer] of viewers) {
      if (!viewer.current) {
        pump(socket, viewer);
      } else if (viewer.sent > viewer.acked && viewer.sent - viewer.acked + bytes > WINDOW_BYTES) {
        fallBehind(socket, viewer);
      } else if (send(socket, viewer, text, bytes)) {
        viewer.cursor = seq;
      }
      underway += viewer.sent - viewer.acked;
    }
    if (underway > ALL_WINDOWS_BYTES) closeSlowest(underway);
  }

  function mention(event: StreamEvent): void {
    const frame: StreamFrame = { type: "data", data: [event] };
    for (const [socket, viewer] of viewers) pass(socket, viewer, frame);
  }

  function closeSlowest(underway: number): void {
    const slowest = [...viewers].sort(([, a], [, b]) => b.sent - b.acked - (a.sent - a.acked));
    for (const [socket, viewer] of slowest) {
      if (underway <= ALL_WINDOWS_BYTES) return;
      underway -= viewer.sent - viewer.acked;
      close(socket, TRY_AGAIN_LATER, "This connection is too slow; please reconnect.");
    }
  }

  function close(socket: StreamSocket, code: number, reason: string): void {
    viewers.delete(socket);
    socket.close(code, reason);
  }

  function receive(socket: StreamSocket, message: string | ArrayBuffer): SendAsked | null {
    const viewer = viewers.get(socket);
    if (viewer === undefined) return null;
    const frame = readClientFrame(message);
    if (frame === "too-long" || frame === "junk") {
      viewer.junk += 1;
      if (frame === "too-long" || viewer.junk > JUNK_FRAMES_BEFORE_CLOSE)
        close(socket, POLICY_VIOLATION, "This stream takes acknowledgements and messages only.");
      return null;
    }
    if (frame.type === "send") return frame;
    const acked = Math.min(frame.bytes, viewer.sent);
    if (acked > viewer.acked) {
      viewer.acked = acked;
      viewer.progressedAt = clock();
    }
    if (!viewer.current) pump(socket, viewer);
    return null;
  }

  function tell(socket: StreamSocket, frame: StreamFrame): void {
    const viewer = viewers.get(socket);
    if (viewer !== undefined) pass(socket, viewer, frame);
  }

  function closeStalled(): number | null {
    const now = clock();
    let next: number | null = null;
    for (const [socket, viewer] of viewers) {
      if (viewer.sent <= viewer.acked) {
        if (!viewer.current) pump(socket, viewer);
        continue;
      }
      const due = viewer.progressedAt + STALLED_MS;
      if (due <= now) close(socket, TRY_AGAIN_LATER, "This connection takes nothing; please reconnect.");
      else next = Math.min(next ?? due, due);
    }
    return next;
  }

  return {
    adopt,
    join,
    leave: (socket) => void viewers.delete(socket),
    broadcast,
    mention,
    tell,
    receive,
    save() {
      for (const [socket, viewer] of viewers) save(socket, viewer);
    },
    closeStalled,
    viewers: () => viewers.entries(),
    viewer: (socket) => viewers.get(socket) ?? null,
    get size() {
      return viewers.size;
    },
  };
}

/** Of a message to send only the envelope is read here: what is wrong with it is told to whoever wrote it. */
const clientFrame = z.discriminatedUnion("type", [ackFrame, sendFrame.extend({ message: z.unknown() })]);
type ClientFrame = z.infer<typeof clientFrame>;
export type SendAsked = Extract<ClientFrame, { type: "send" }>;

function readClientFrame(message: string | ArrayBuffer): ClientFrame | "junk" | "too-long" {
  const length = typeof message === "string" ? message.length : message.byteLength;
  if (length > SEND_FRAME_MAX_LENGTH) return "too-long";
  if (typeof message !== "string") return "junk";
  try {
    const parsed = clientFrame.safeParse(JSON.parse(message));
    return parsed.success ? parsed.data : "junk";
  } catch {
    return "junk";
  }
}
