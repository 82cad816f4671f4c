import { z } from "zod";
import { ACK_EVERY_BYTES, ACK_EVERY_MS, streamFrame } from "../contract/stream.ts";
import { isWebSocketUpgrade } from "../platform/origin.ts";

/**
 * A chat's stream as Server-Sent Events. The Worker holds the response and an ordinary socket to the
 * chat's object, so that the object may sleep between two events.
 */

/** Below any proxy's idea of an idle connection. */
const PING_EVERY_MS = 15_000;
/** How long an EventSource waits before it comes back. */
const RETRY_MS = 1_000;
const PING = ": ping\n\n";

/** Whether a request for the stream wants events rather than a socket. */
export function wantsEvents(request: Request): boolean {
  return !isWebSocketUpgrade(request) && (request.headers.get("accept") ?? "").includes("text/event-stream");
}

/** Where the last event that a client has leaves off; null for an id that is none of ours. */
export function readEventId(lastEventId: string | undefined): { epoch: string; since: number } | null {
  const [, epoch = "", seq = ""] = /^([^:]+):(\d{1,16})$/.exec(lastEventId ?? "") ?? [];
  const since = Number(seq);
  return epoch === "" || !Number.isSafeInteger(since) ? null : { epoch, since };
}

/** The request that opens the chat's socket for a client that wants events. */
export function socketRequest(url: string, cursor: { epoch?: string; since?: number }): Request {
  const address = new URL(url);
  address.search = "";
  if (cursor.since !== undefined) address.searchParams.set("since", String(cursor.since));
  if (cursor.epoch !== undefined) address.searchParams.set("epoch", cursor.epoch);
  return new Request(address, { headers: { upgrade: "websocket" } });
}

/** Answers with what comes over the socket, which must not be accepted yet; it closes with the response. */
export function eventResponse(socket: WebSocket): Response {
  return new Response(eventBody(socket), { headers: EVENT_HEADERS });
}

/** What the response says before there is anything in it. */
export const EVENT_HEADERS = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" };

/** The part of a socket that is translated. */
type Source = Pick<WebSocket, "accept" | "send" | "close" | "addEventListener">;

/** One chunk an event. A frame is acknowledged when the client has taken it and asks for more. */
export function eventBody(socket: Source): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const translate = translator();
  const waiting: { chunk: string; bytes: number }[] = [{ chunk: `retry: ${RETRY_MS}\n\n`, bytes: 0 }];
  let wake: (() => void) | null = null;
  let ended = false;
  const acks = acknowledger((bytes) => socket.send(JSON.stringify({ type: "ack", bytes })));
  let underway = 0;

  const pings = setInterval(() => {
    if (waiting.length === 0) push({ chunk: PING, bytes: 0 });
  }, PING_EVERY_MS);

  function push(entry: { chunk: string; bytes: number }): void {
    waiting.push(entry);
    wake?.();
  }
  function end(): void {
    ended = true;
    clearInterval(pings);
    acks.stop();
    wake?.();
  }

  socket.addEventListener("message", ({ data }) => {
    if (typeof data === "string") push({ chunk: translate(data), bytes: encoder.encode(data).byteLength });
  });
  socket.addEventListener("close", end);
  socket.addEventListener("error", end);
  socket.accept();

  return new ReadableStream(
    {
      async pull(controller) {
        // Whoever asks has taken what came before.
        if (!ended) acks.took(underway);
        underway = 0;
        while (waiting.length === 0 && !ended) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        const next = waiting.shift();
        if (next === undefined) return controller.close();
        underway = next.bytes;
        controller.enqueue(encoder.encode(next.chunk));
      },
      cancel() {
        end();
        socket.close(1000, "The client has gone.");
      },
    },
    // Nothing is read ahead: a frame that waits here would count as taken.
    { highWaterMark: 0 },
  );
}

/** Frames as events: the name is the frame's type; the id is a cursor, which only some frames are. */
function translator(): (frame: string) => string {
  let epoch = "";
  return (text) => {
    const frame = framePart.parse(JSON.parse(text));
    if (frame.type === "hello") epoch = frame.epoch ?? "";
    const id = frame.type === "data" && frame.seq !== undefined ? `id: ${epoch}:${frame.seq}\n` : "";
    // JSON has no line breaks of its own.
    return `event: ${frame.type}\n${id}data: ${text}\n\n`;
  };
}

/** What the translation needs of a frame; the events in it go through as they are. */
const framePart = z.object({
  type: z.enum(streamFrame.options.map((frame) => frame.shape.type.value)),
  epoch: z.string().optional(),
  seq: z.int().optional(),
});

/** Says how much was taken in all, every 64 KB or second, and only when there is more to say. */
function acknowledger(send: (bytes: number) => void) {
  let taken = 0;
  let said = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;
  function say(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    said = taken;
    send(taken);
  }
  return {
    took(bytes: number): void {
      taken += bytes;
      if (taken === said) return;
      if (taken - said >= ACK_EVERY_BYTES) say();
      else timer ??= setTimeout(say, ACK_EVERY_MS);
    },
    stop(): void {
      if (timer !== null) clearTimeout(timer);
    },
  };
}
