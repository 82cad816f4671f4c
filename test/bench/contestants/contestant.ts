import { once } from "node:events";
import type { WebSocket } from "ws";
import { sharedNow, TOKEN_MARK, type Order } from "../order.ts";

export type ContestantName = "ours" | "peer" | "bare";

/** Where a viewer stands, for coming back. */
export interface Cursor {
  seq: number;
  epoch: string;
}

/** What the bench must know of a frame. Found by substring: parsing a million frames would measure the client. */
export interface Reading {
  /** How many tokens it brings while they are written. */
  tokens: number;
  /** It holds the finished answer as a whole, for a viewer that was too slow for its pieces. */
  whole: boolean;
  /** The turn is over. */
  ended: boolean;
}

/** One way to have a chat with the bench's upstream: the same steps for each program that is measured. */
export interface Contestant {
  readonly name: ContestantName;
  /** Whether a new socket is first told how the chat stands, which is at rest. */
  readonly greets: boolean;
  /** A new chat that has answered once, so that nothing of it is cold. Answers its id. */
  open(): Promise<string>;
  /** A socket on it, with a cursor where there is such a thing. */
  dial(room: string, cursor?: Cursor): WebSocket;
  read(frame: Buffer): Reading;
  /** What a client must say for a frame that came: acknowledgements. */
  reply(viewer: Viewer, frame: Buffer): void;
  /** What a client does before it can ask, outside of every figure. */
  prepare(room: string): Promise<void>;
  /** Asks, and resolves when the request is taken. */
  ask(room: string, wanted: Partial<Order>, viewer: Viewer): Promise<void>;
}

/** One socket, and what came over it since the last `reset`. */
export class Viewer {
  readonly socket: WebSocket;
  readonly opened: Promise<unknown>;
  bytes = 0;
  tokens = 0;
  whole = false;
  ended = false;
  firstAt: number | null = null;
  closed = false;
  /** Set by figures that look at every frame. */
  onFrame: ((frame: Buffer, at: number) => void) | null = null;
  readonly #waiting: { holds: () => boolean; resolve: (at: number) => void; reject: (error: Error) => void }[] = [];

  constructor(contestant: Contestant, room: string, cursor?: Cursor) {
    this.socket = contestant.dial(room, cursor);
    this.socket.on("message", (message: Buffer) => {
      const at = sharedNow();
      this.bytes += message.length;
      const { tokens, whole, ended } = contestant.read(message);
      if (tokens > 0) this.firstAt ??= at;
      this.tokens += tokens;
      this.whole ||= whole;
      this.ended ||= ended;
      this.onFrame?.(message, at);
      contestant.reply(this, message);
      this.#look(at);
    });
    this.socket.on("close", () => {
      this.closed = true;
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(`${contestant.name} closed a socket.`));
    });
    this.opened = once(this.socket, "open");
  }

  reset(): void {
    this.bytes = 0;
    this.tokens = 0;
    this.whole = false;
    this.ended = false;
    this.firstAt = null;
  }

  /** When it came to hold, on the shared clock. */
  until(holds: () => boolean): Promise<number> {
    if (holds()) return Promise.resolve(sharedNow());
    return new Promise((resolve, reject) => this.#waiting.push({ holds, resolve, reject }));
  }

  has(tokens: number): Promise<number> {
    return this.until(() => this.tokens >= tokens || this.whole);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    const gone = once(this.socket, "close");
    // Not every contestant answers a close; waiting for one would take half a minute.
    this.socket.terminate();
    await gone;
  }

  #look(at: number): void {
    if (this.#waiting.length === 0) return;
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.holds()) waiting.resolve(at);
      else this.#waiting.push(waiting);
    }
  }
}

/** So many viewers of one chat, each with its socket open. */
export async function watch(contestant: Contestant, room: string, count = 1): Promise<Viewer[]> {
  const viewers = Array.from({ length: count }, () => new Viewer(contestant, room));
  await Promise.all(viewers.map(({ opened }) => opened));
  // What it says of the turn before must not be taken for the end of the next.
  if (contestant.greets) await Promise.all(viewers.map((viewer) => viewer.until(() => viewer.ended)));
  return viewers;
}

export function countTokens(frame: Buffer): number {
  let count = 0;
  for (let at = frame.indexOf(TOKEN_MARK); at !== -1; at = frame.indexOf(TOKEN_MARK, at + 1)) count += 1;
  return count;
}
