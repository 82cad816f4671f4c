import { createServer, type Server, type ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startProviderServer, toolCall, type ProviderServer } from "../fixtures/provider-server/server.ts";
import { streamOffer } from "../../src/models/port.ts";
import { apis, callModel, offerAt, requestFor } from "./calls.ts";

// A chat is stored as values of 2 MB at most, by an object with 128 MB of memory: a provider, or a model
// that has lost its way, must not be able to end it, again at every retry, each of which is paid for.

let server: ProviderServer;
beforeAll(async () => {
  server = await startProviderServer();
});
afterEach(() => server.reset());
afterAll(() => server.close());

describe.each(apis)("$name", (api) => {
  it("ends an answer that is longer than a chat can store, keeps what came, and stops the provider", async () => {
    server.enqueue({
      parts: [{ type: "text", text: "word ".repeat(300_000) }, { type: "hold" }],
      pieceCharacters: 20_000,
    });
    const { text, error } = await callModel(server, api, requestFor("x"));
    expect(error).toMatchObject({ detail: { retryable: false } });
    expect(error?.message).toMatch(/more than a chat can store/);
    expect(text.length).toBeGreaterThan(800_000);
    expect(text.length).toBeLessThan(1_000_000);
    await expect.poll(() => server.requests[0]?.state).toBe("aborted");
  });

  it("counts arguments as what they say", async () => {
    const rawArgs = `{"numbers":[${Array<string>(100_000).fill("1e20").join(",")}]}`;
    server.enqueue({ parts: [{ type: "tool-call", name: "execute", args: {}, rawArgs }], pieceCharacters: 20_000 });
    const { events, error } = await callModel(server, api, requestFor("x"));
    expect(error?.message).toMatch(/more than a chat can store/);
    expect(events.some(({ type }) => type === "tool-call")).toBe(false);
  });

  it("takes a hundred calls at once, and no thousand", async () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => toolCall("execute", {}, `id-${index}`));
    server.enqueue({ parts: many(100) }, { parts: many(1_000) });
    expect((await callModel(server, api, requestFor("x"))).error).toBeNull();
    const { error } = await callModel(server, api, requestFor("x"));
    expect(error?.message).toMatch(/more than 128 tools at once/);
  });
});

describe("a provider that sends without end", () => {
  let flood: Server;
  let address: string;
  let sent = 0;
  beforeAll(async () => {
    flood = createServer((request, response) => {
      request.resume();
      const fails = request.url?.startsWith("/refusing") === true;
      response.writeHead(fails ? 400 : 200, { "content-type": fails ? "application/json" : "text/event-stream" });
      pour(response);
    });
    await new Promise<void>((resolve) => flood.listen(0, "127.0.0.1", resolve));
    const bound = flood.address();
    if (bound === null || typeof bound === "string") throw new Error("No address");
    address = `http://127.0.0.1:${bound.port}`;
  });
  afterAll(() => {
    flood.closeAllConnections();
    flood.close();
  });

  function pour(response: ServerResponse): void {
    sent = 0;
    const piece = Buffer.alloc(256 * 1024, "x");
    const more = () => {
      // The end of the flood, for a reader that would take it all.
      if (response.destroyed || sent > 64 * 1024 * 1024) return response.end();
      sent += piece.byteLength;
      if (response.write(piece)) setImmediate(more);
      else response.once("drain", more);
    };
    more();
  }

  async function errorOf(path: string, api: (typeof apis)[number]): Promise<unknown> {
    try {
      for await (const event of streamOffer(offerAt(`${address}${path}`, api), requestFor("x"), {}, Date.now))
        void event;
    } catch (error) {
      return error;
    }
    return null;
  }

  it.each(apis)("is left when one event of $name does not end", async (api) => {
    const error = await errorOf("/v1", api);
    expect(error).toMatchObject({ detail: { retryable: false } });
    expect(error).toHaveProperty("message", expect.stringMatching(/did not end/));
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  it.each(apis)("is left when a refusal of $name does not end", async (api) => {
    const error = await errorOf("/refusing", api);
    expect(error).toMatchObject({ detail: { status: 400 } });
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });
});
