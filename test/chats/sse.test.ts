import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eventBody, readEventId } from "../../src/chats/sse.ts";

/** A socket of the chat's object, as far as the translation sees it. */
class ScriptedSocket extends EventTarget {
  readonly sent: string[] = [];
  closed = false;
  accept(): void {}
  send(text: string): void {
    if (this.closed) throw new TypeError("The socket is closed.");
    this.sent.push(text);
  }
  close(): void {
    this.closed = true;
  }
  receive(frame: object): number {
    const text = JSON.stringify(frame);
    this.dispatchEvent(new MessageEvent("message", { data: text }));
    return new TextEncoder().encode(text).byteLength;
  }
}

async function next(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const { value } = await reader.read();
  return new TextDecoder().decode(value);
}

function open() {
  const socket = new ScriptedSocket();
  const reader = eventBody(socket as unknown as WebSocket).getReader();
  return { socket, reader };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("eventBody", () => {
  it("names events after their frames, and gives an id to those that are a cursor", async () => {
    const { socket, reader } = open();
    socket.receive({ type: "hello", epoch: "e1", seq: 9, status: "running" });
    socket.receive({ type: "data", data: [{ type: "reset" }] });
    socket.receive({ type: "data", prev: 3, seq: 7, data: [{ type: "title", title: "a\nb" }] });
    expect(await next(reader)).toBe("retry: 1000\n\n");
    expect(await next(reader)).toBe('event: hello\ndata: {"type":"hello","epoch":"e1","seq":9,"status":"running"}\n\n');
    expect(await next(reader)).toBe('event: data\ndata: {"type":"data","data":[{"type":"reset"}]}\n\n');
    expect(await next(reader)).toBe(
      'event: data\nid: e1:7\ndata: {"type":"data","prev":3,"seq":7,"data":[{"type":"title","title":"a\\nb"}]}\n\n',
    );
  });

  it("acknowledges what the client has taken, and nothing that waits", async () => {
    const { socket, reader } = open();
    await next(reader);
    const small = socket.receive({ type: "data", seq: 1, data: [] });
    const large = socket.receive({ type: "data", seq: 2, data: [{ type: "title", title: "é".repeat(40_000) }] });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(socket.sent).toEqual([]);
    await next(reader);
    await next(reader);
    expect(socket.sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    // The second one has been handed over, and nobody has asked for more.
    expect(socket.sent).toEqual([JSON.stringify({ type: "ack", bytes: small })]);
    const third = next(reader);
    await vi.advanceTimersByTimeAsync(0);
    expect(socket.sent.at(-1)).toBe(JSON.stringify({ type: "ack", bytes: small + large }));
    socket.receive({ type: "data", seq: 3, data: [] });
    await third;
  });

  it("pings while there is nothing to say", async () => {
    const { reader } = open();
    await next(reader);
    const waiting = next(reader);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await waiting).toBe(": ping\n\n");
  });

  it("ends after what is left when the object closes, and closes when the client goes", async () => {
    const closing = open();
    closing.socket.receive({ type: "data", seq: 1, data: [] });
    closing.socket.dispatchEvent(new Event("close"));
    expect(await next(closing.reader)).toBe("retry: 1000\n\n");
    expect(await next(closing.reader)).toContain("id: :1");
    expect((await closing.reader.read()).done).toBe(true);
    const leaving = open();
    await leaving.reader.cancel();
    expect(leaving.socket.closed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("readEventId", () => {
  it("knows its own ids and no others", () => {
    expect(readEventId("aB-_9:1200")).toEqual({ epoch: "aB-_9", since: 1200 });
    for (const id of [undefined, "", "7", ":7", "e:", "e:x", "e:-1", "e:1.5", "e:9999999999999999", "a:b:1"]) {
      expect([id, readEventId(id)]).toEqual([id, null]);
    }
  });
});
