import type { ChatMessage } from "../../../src/contract/chats.ts";
import type { StreamEvent, StreamFrame } from "../../../src/contract/stream.ts";
import type { SocketEvents, StreamPorts } from "../../../web/src/chat/stream-socket.ts";

/** A clock that moves only when told, with everything that was set to run by then. */
export class FakeClock {
  time = 0;
  #next = 0;
  #due = new Map<number, { at: number; run: () => void }>();

  after = (ms: number, run: () => void): (() => void) => {
    const id = this.#next;
    this.#next += 1;
    this.#due.set(id, { at: this.time + ms, run });
    return () => this.#due.delete(id);
  };

  advance(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const [first] = [...this.#due]
        .filter(([, due]) => due.at <= until)
        .sort((a, b) => a[1].at - b[1].at || a[0] - b[0]);
      if (first === undefined) break;
      this.#due.delete(first[0]);
      this.time = Math.max(this.time, first[1].at);
      first[1].run();
    }
    this.time = until;
  }
}

export interface FakeSocket {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly events: SocketEvents;
  readonly sent: string[];
  closedByClient: boolean;
}

/** Ports whose sockets do nothing but remember; a test speaks for the other side. */
export function fakePorts(
  clock: FakeClock,
  overrides: Partial<StreamPorts> = {},
): { ports: StreamPorts; sockets: FakeSocket[] } {
  const sockets: FakeSocket[] = [];
  const ports: StreamPorts = {
    connect: (path, events) => {
      const [pathname = "", query = ""] = path.split("?");
      const socket: FakeSocket = {
        path: pathname,
        query: new URLSearchParams(query),
        events,
        sent: [],
        closedByClient: false,
      };
      sockets.push(socket);
      return {
        send: (text) => socket.sent.push(text),
        close: () => {
          socket.closedByClient = true;
        },
      };
    },
    probe: () => Promise.resolve("ok"),
    nextFrame: (publish) => clock.after(16, publish),
    after: clock.after,
    now: () => clock.time,
    random: () => 0.5,
    online: () => true,
    ...overrides,
  };
  return { ports, sockets };
}

export const CHAT_ID = "0192f0a0-0000-7000-8000-000000000100";

export function message(id: number, seq: number, changes: Partial<ChatMessage> = {}): ChatMessage {
  return {
    id,
    chat_id: CHAT_ID,
    seq,
    created_by: null,
    model_config_id: null,
    created_at: "2026-01-01T00:00:00.000Z",
    role: "assistant",
    content: [{ type: "text", text: `message ${id}` }],
    usage: null,
    total_cost_micros: null,
    estimated: false,
    runtime_ms: null,
    ...changes,
  };
}

export function hello(seq: number, epoch = "first"): string {
  return text({ type: "hello", epoch, seq, status: "waiting" });
}

export function frame(prev: number, seq: number, ...data: StreamEvent[]): string {
  return text({ type: "data", prev, seq, data });
}

export function text(value: StreamFrame): string {
  return JSON.stringify(value);
}
