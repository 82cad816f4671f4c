import type { CreateMessageRequest, MessagesResponse } from "../../../src/contract/chats.ts";
import {
  ACK_EVERY_BYTES,
  ACK_EVERY_MS,
  PING_EVERY_MS,
  SEND_FRAME_MAX_LENGTH,
  streamEvent,
  streamFrame,
  type SendFrame,
  type StreamFrame,
} from "../../../src/contract/stream.ts";
import { applyFrame, applyPage, emptyTimeline, type Timeline } from "../../../src/contract/timeline.ts";

/**
 * The connection of one viewer to one chat: it opens sockets until one lives, feeds frames to the
 * reducer, acknowledges what it received, notices a dead line, and comes back by its cursor.
 * It knows nothing of React or the DOM; both come in through {@link StreamPorts}.
 */

export type Connection = "connecting" | "live" | "reconnecting" | "offline" | "denied";
/** Why a stream ended for good: signed out, no such chat for this person, or one that they could watch until now. */
export type DeniedReason = "signed-out" | "not-found" | "access-lost";

export interface StreamState {
  readonly connection: Connection;
  readonly denied: DeniedReason | null;
  /** The line has been down for long enough that a person should know. */
  readonly troubled: boolean;
  readonly timeline: Timeline;
  /** Where pages begin that were read one after the other: ids of their oldest messages, ascending. */
  readonly cuts: readonly number[];
}

export interface SocketEvents {
  open(): void;
  text(text: string): void;
  closed(code: number): void;
}
export interface Socket {
  send(text: string): void;
  close(): void;
}

export interface StreamPorts {
  /** Opens `path` (with its query) as a WebSocket. No event may come before it returns. */
  connect(path: string, events: SocketEvents): Socket;
  /** A browser does not say why an upgrade was refused; this asks over plain HTTP. */
  probe(): Promise<"ok" | DeniedReason | "unreachable">;
  /** Runs `publish` before the next paint. */
  nextFrame(publish: () => void): () => void;
  after(ms: number, run: () => void): () => void;
  now(): number;
  random(): number;
  online(): boolean;
}

/** What came of a message that was sent over the line. */
export type SendAnswer = Extract<StreamFrame, { type: "sent" | "refused" }>;

export interface ChatStream {
  state(): StreamState;
  subscribe(listener: () => void): () => void;
  /** Adds a page of older messages. */
  addPage(page: MessagesResponse): void;
  /**
   * Sends a message over the line. Null when there is no line, when the message is too long for it, or when the line
   * was lost before the answer came: the same message may then go over HTTP, under the same key.
   */
  send(key: string, message: CreateMessageRequest): Promise<SendAnswer | null>;
  /** Something suggests that the line may be back, or may have died unnoticed: online, focus, wake from sleep. */
  nudge(): void;
  close(): void;
}

const BACKOFF_FIRST_MS = 400;
const BACKOFF_MAX_MS = 20_000;
/** A connection that lived this long was a good one; the next failure starts the backoff anew. */
const GOOD_AFTER_MS = 5_000;
/** Shorter interruptions heal before anybody could read about them. */
const TROUBLE_AFTER_MS = 2_000;
/** Any frame counts as a sign of life after a ping. */
const SIGN_OF_LIFE_MS = 10_000;
const SIGN_OF_LIFE_AFTER_NUDGE_MS = 4_000;
const OPEN_WITHIN_MS = 15_000;
/** Then the way over HTTP is tried. */
const ANSWER_WITHIN_MS = 10_000;

/** Close codes that say this person may not watch: not signed in any more, not allowed any more, no such chat. */
const DENYING_CODES: ReadonlyMap<number, DeniedReason> = new Map([
  [4401, "signed-out"],
  [4403, "access-lost"],
  [4404, "not-found"],
]);

interface Line {
  socket: Socket;
  opened: boolean;
  bytes: number;
  acked: number;
  lastHeard: number;
  liveSince: number | null;
  stop: (() => void)[];
  cancelAck: (() => void) | null;
  cancelLifeCheck: (() => void) | null;
}

export function openStream(chatId: string, ports: StreamPorts): ChatStream {
  const listeners = new Set<() => void>();
  let working = emptyTimeline();
  let published: StreamState = { connection: "connecting", denied: null, troubled: false, timeline: working, cuts: [] };
  let connection: Connection = "connecting";
  let denied: DeniedReason | null = null;
  let troubled = false;
  let line: Line | null = null;
  let failures = 0;
  let gaps = 0;
  let cuts: readonly number[] = [];
  let everLive = false;
  let finished = false;
  let cancelRetry: (() => void) | null = null;
  let cancelTrouble: (() => void) | null = null;
  let cancelFrame: (() => void) | null = null;
  const unanswered = new Map<string, (answer: SendAnswer | null) => void>();

  function publish(): void {
    cancelFrame = null;
    // Between a reset and the end of its snapshot the old view is still the better one to look at.
    const between = !working.ready && published.timeline.ready && denied !== "access-lost";
    const timeline = between ? published.timeline : working;
    show({ connection, denied, troubled, timeline, cuts });
  }

  function show(next: StreamState): void {
    published = next;
    for (const listener of listeners) listener();
  }

  function publishSoon(): void {
    if (finished) return;
    cancelFrame ??= ports.nextFrame(publish);
  }

  function setConnection(next: Connection): void {
    connection = next;
    if (next === "live" || next === "denied") {
      cancelTrouble?.();
      cancelTrouble = null;
      troubled = false;
    } else {
      cancelTrouble ??= ports.after(TROUBLE_AFTER_MS, () => {
        troubled = true;
        publishSoon();
      });
    }
    publishSoon();
  }

  function connect(): void {
    cancelRetry?.();
    cancelRetry = null;
    const query = new URLSearchParams();
    if (working.epoch !== null && working.cursor > 0) {
      query.set("since", String(working.cursor));
      query.set("epoch", working.epoch);
    }
    const suffix = query.size > 0 ? `?${query.toString()}` : "";
    const opening: Line = {
      socket: { send: () => {}, close: () => {} },
      opened: false,
      bytes: 0,
      acked: 0,
      lastHeard: ports.now(),
      liveSince: null,
      stop: [],
      cancelAck: null,
      cancelLifeCheck: null,
    };
    line = opening;
    opening.socket = ports.connect(`/api/v2/chats/${chatId}/stream${suffix}`, {
      open: () => {
        if (line !== opening) return;
        opening.opened = true;
        opening.lastHeard = ports.now();
        keepPinging(opening);
      },
      text: (text) => {
        if (line === opening) receive(opening, text);
      },
      closed: (code) => {
        if (line === opening) lost(opening, code);
      },
    });
    opening.stop.push(
      ports.after(OPEN_WITHIN_MS, () => {
        if (line === opening && !opening.opened) drop(opening);
      }),
    );
  }

  function release(ended: Line): void {
    for (const stop of ended.stop) stop();
    ended.cancelAck?.();
    ended.cancelLifeCheck?.();
    if (line === ended) line = null;
    for (const settle of unanswered.values()) settle(null);
  }

  /** Gives a line up from this side: its close event may never come. */
  function drop(ended: Line): void {
    release(ended);
    ended.socket.close();
    retryLater(ended);
  }

  function lost(ended: Line, code: number): void {
    release(ended);
    const reason = DENYING_CODES.get(code);
    if (reason !== undefined) return deny(reason);
    // 1008 is a policy's close: ask whether it was meant for this person or for this connection.
    if (ended.opened && code !== 1008) return retryLater(ended);
    setConnection(troubledConnection());
    ports.probe().then(
      (answer) => {
        if (finished || line !== null || cancelRetry !== null) return;
        if (answer === "ok" || answer === "unreachable") retryLater(ended);
        else deny(answer);
      },
      () => {
        if (!finished && line === null && cancelRetry === null) retryLater(ended);
      },
    );
  }

  function troubledConnection(): Connection {
    if (!ports.online()) return "offline";
    return everLive ? "reconnecting" : "connecting";
  }

  function retryLater(ended: Line): void {
    if (finished) return;
    if (ended.liveSince !== null && ports.now() - ended.liveSince >= GOOD_AFTER_MS) failures = 0;
    const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** failures);
    failures += 1;
    setConnection(troubledConnection());
    cancelRetry?.();
    cancelRetry = ports.after(ceiling * (0.5 + ports.random() / 2), connect);
  }

  function deny(reason: DeniedReason): void {
    denied = reason === "not-found" && everLive ? "access-lost" : reason;
    // What was said is not this person's to see any more: nothing of it stays in the page.
    if (denied === "access-lost") working = emptyTimeline();
    setConnection("denied");
  }

  function receive(open: Line, text: string): void {
    open.lastHeard = ports.now();
    // The platform answers pings by itself and counts no bytes for them.
    if (text === "pong") return;
    open.bytes += utf8Length(text);
    const frame = readFrame(text);
    if (frame === null) {
      console.error("The chat stream sent something this page cannot read; it reads the chat anew.");
      working = { ...working, cursor: 0 };
      return drop(open);
    }
    const { timeline, outcome } = applyFrame(working, frame);
    if (outcome === "error" && frame.type === "error") {
      const status = frame.data.status;
      if (status === 401) deniedOver(open, "signed-out");
      else if (status === 403) deniedOver(open, "access-lost");
      else if (status === 404) deniedOver(open, "not-found");
      else drop(open);
      return;
    }
    if (outcome === "gap") return bridgeGap(open);
    working = timeline;
    if (frame.type === "sent" || frame.type === "refused") unanswered.get(frame.key)?.(frame);
    if (frame.type === "data") {
      gaps = 0;
      if (open.liveSince === null) {
        open.liveSince = ports.now();
        everLive = true;
        setConnection("live");
      }
    }
    acknowledge(open);
    publishSoon();
  }

  function deniedOver(open: Line, reason: DeniedReason): void {
    release(open);
    open.socket.close();
    deny(reason);
  }

  /** A frame is missing. The own cursor brings it; if not even that does, the chat is read from its start. */
  function bridgeGap(open: Line): void {
    gaps += 1;
    if (gaps > 1) working = { ...working, cursor: 0 };
    release(open);
    open.socket.close();
    if (gaps > 2) return retryLater(open);
    setConnection(troubledConnection());
    connect();
  }

  function acknowledge(open: Line): void {
    if (open.bytes - open.acked >= ACK_EVERY_BYTES) return sendAck(open);
    open.cancelAck ??= ports.after(ACK_EVERY_MS, () => sendAck(open));
  }

  function sendAck(open: Line): void {
    open.cancelAck?.();
    open.cancelAck = null;
    if (open.bytes === open.acked) return;
    open.acked = open.bytes;
    open.socket.send(JSON.stringify({ type: "ack", bytes: open.bytes }));
  }

  async function send(key: string, message: CreateMessageRequest): Promise<SendAnswer | null> {
    const frame: SendFrame = { type: "send", key, message };
    const text = JSON.stringify(frame);
    if (line === null || connection !== "live" || text.length > SEND_FRAME_MAX_LENGTH) return null;
    const { promise, resolve } = Promise.withResolvers<SendAnswer | null>();
    unanswered.set(key, resolve);
    const cancel = ports.after(ANSWER_WITHIN_MS, () => resolve(null));
    line.socket.send(text);
    try {
      return await promise;
    } finally {
      cancel();
      unanswered.delete(key);
    }
  }

  function keepPinging(open: Line): void {
    open.stop.push(
      ports.after(PING_EVERY_MS, () => {
        if (line !== open) return;
        pingAndListen(open, SIGN_OF_LIFE_MS);
        keepPinging(open);
      }),
    );
  }

  function pingAndListen(open: Line, withinMs: number): void {
    const asked = ports.now();
    open.socket.send("ping");
    open.cancelLifeCheck?.();
    open.cancelLifeCheck = ports.after(withinMs, () => {
      if (line === open && open.lastHeard < asked) drop(open);
    });
  }

  function nudge(): void {
    if (finished || denied !== null) return;
    if (line !== null) {
      if (line.opened) pingAndListen(line, SIGN_OF_LIFE_AFTER_NUDGE_MS);
      return;
    }
    if (cancelRetry === null) return;
    setConnection(troubledConnection());
    connect();
  }

  setConnection("connecting");
  connect();

  return {
    state: () => published,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    addPage: (page) => {
      const oldest = working.messages.at(0)?.id;
      working = applyPage(working, page);
      if (oldest !== undefined && working.messages.at(0)?.id !== oldest) cuts = [oldest, ...cuts];
      if (finished) return;
      // At once: whoever asks for the next page asks for the one before this. And alone: a view can keep its
      // place for rows that came in above, but not if others come in below at the same time.
      const timeline = working.ready ? applyPage(published.timeline, page) : published.timeline;
      show({ ...published, timeline, cuts });
    },
    send,
    nudge,
    close: () => {
      finished = true;
      cancelRetry?.();
      cancelTrouble?.();
      cancelFrame?.();
      const open = line;
      if (open === null) return;
      release(open);
      open.socket.close();
    },
  };
}

const encoder = new TextEncoder();
function utf8Length(text: string): number {
  return encoder.encode(text).byteLength;
}

/** Null for what is no frame. Events of a kind that this page does not know yet are left out. */
export function readFrame(text: string): StreamFrame | null {
  const value = parseJson(text);
  const whole = streamFrame.safeParse(value);
  if (whole.success) return whole.data;
  if (typeof value !== "object" || value === null || !("data" in value) || !Array.isArray(value.data)) return null;
  const known = streamFrame.safeParse({ ...value, data: value.data.filter(isKnownEvent) });
  return known.success ? known.data : null;
}

const knownEventTypes: ReadonlySet<unknown> = new Set(streamEvent.options.map((option) => option.shape.type.value));
function isKnownEvent(event: unknown): boolean {
  return typeof event === "object" && event !== null && "type" in event && knownEventTypes.has(event.type);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON: the caller treats it like any other unreadable frame
  }
}
