import type { StreamFrame } from "../../contract/stream.ts";
import type { SendAsked, StreamSocket } from "./fanout.ts";

/** Messages that come over viewers' sockets. */

export type SendAnswer = Extract<StreamFrame, { type: "sent" | "refused" }>;

/** Whose socket it is, and what opened it. */
export interface SocketSender {
  chatId: string;
  userId: string;
  /** The `credentialName` of a session or an API token. */
  credential: string;
}

/** A socket with more on the way is not read on: each message waits for D1. */
const UNDERWAY_MAX = 20;

interface Line {
  underway: number;
  last: Promise<void>;
}

/** The messages of one socket are taken one after the other, in their order; those of different sockets at once. */
export class SocketSends {
  readonly #lines = new WeakMap<StreamSocket, Line>();

  /** Answers what `take` answers; null for a message that is one too many, which nobody has looked at. */
  async inOrder(
    socket: StreamSocket,
    asked: SendAsked,
    take: (asked: SendAsked) => Promise<SendAnswer>,
  ): Promise<SendAnswer | null> {
    const line = this.#lines.get(socket) ?? { underway: 0, last: Promise.resolve() };
    this.#lines.set(socket, line);
    if (line.underway >= UNDERWAY_MAX) return null;
    line.underway += 1;
    const answer = line.last.then(() => take(asked));
    line.last = answer.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await answer;
    } finally {
      line.underway -= 1;
    }
  }
}
