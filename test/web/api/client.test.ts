import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { get, getPage, post, send, socketUrl, whenSignedOut } from "../../../web/src/api/client.ts";
import { ApiError } from "../../../web/src/api/error.ts";

const answered = vi.fn<typeof fetch>();
beforeEach(() => {
  vi.stubGlobal("location", { origin: "http://localhost:8787" });
  vi.stubGlobal("fetch", answered);
});
afterEach(() => {
  answered.mockReset();
  whenSignedOut(() => {});
  vi.unstubAllGlobals();
});

async function failureOf(call: Promise<unknown>): Promise<ApiError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ApiError) return error;
  throw new Error("It did not fail with an ApiError");
}

describe("the API client", () => {
  it("sends JSON with its key and parses the answer", async () => {
    answered.mockResolvedValue(Response.json({ n: 1, more: true }));
    const answer = await post("/things", { a: 1 }, z.object({ n: z.int() }), {
      idempotencyKey: "k",
      query: { x: undefined, y: 2 },
    });
    expect(answer).toEqual({ n: 1 });
    const [url, init] = answered.mock.calls[0] ?? [];
    expect(url).toEqual(new URL("http://localhost:8787/api/v2/things?y=2"));
    expect(new Headers(init?.headers).get("idempotency-key")).toBe("k");
    expect(init?.body).toBe('{"a":1}');
  });

  it("takes more from the Link header only", async () => {
    answered.mockResolvedValueOnce(Response.json([1], { headers: { link: '</api/v2/x?after_id=1>; rel="next"' } }));
    expect(await getPage("/x", z.array(z.int()))).toEqual({ items: [1], hasMore: true });
    answered.mockResolvedValueOnce(Response.json([1]));
    expect(await getPage("/x", z.array(z.int()))).toEqual({ items: [1], hasMore: false });
  });

  it("turns a problem into an error with its words, places and wait", async () => {
    const problem = {
      type: "about:blank",
      title: "Too many attempts",
      status: 429,
      detail: "Wait a little.",
      errors: [{ pointer: "/login", detail: "Locked" }],
      request_id: "r1",
      message: "Too many attempts",
    };
    answered.mockResolvedValue(Response.json(problem, { status: 429, headers: { "retry-after": "42" } }));
    expect(await failureOf(send("POST", "/x", {}))).toMatchObject({
      status: 429,
      message: "Too many attempts",
      detail: "Wait a little.",
      errors: [{ pointer: "/login", detail: "Locked" }],
      requestId: "r1",
      retryAfter: 42,
    });
  });

  it.each([
    ["a page instead of a problem", () => new Response("<h1>Bad gateway</h1>", { status: 502 }), 502],
    ["an answer of another shape", () => Response.json({ n: "one" }), 200],
    ["a success that is no JSON", () => new Response("<html>"), 200],
  ])("says %s in words", async (_name, answer, status) => {
    answered.mockResolvedValue(answer());
    const error = await failureOf(get("/x", z.object({ n: z.int() })));
    expect(error.status).toBe(status);
    expect(error.detail).not.toBeNull();
  });

  it("says that there is no connection, with status 0", async () => {
    answered.mockRejectedValue(new TypeError("fetch failed"));
    expect(await failureOf(get("/x", z.unknown()))).toMatchObject({ status: 0 });
  });

  it("leads to sign-in on a 401, except where a 401 is an answer like any other", async () => {
    const signedOut = vi.fn();
    whenSignedOut(signedOut);
    answered.mockImplementation(() => Promise.resolve(new Response("", { status: 401 })));
    await failureOf(get("/users/me", z.unknown(), { anonymous: true }));
    expect(signedOut).not.toHaveBeenCalled();
    await failureOf(get("/chats", z.unknown()));
    expect(signedOut).toHaveBeenCalledOnce();
  });

  it("makes socket addresses of the same host", () => {
    expect(socketUrl("/chats/watch", { since: 3 })).toBe("ws://localhost:8787/api/v2/chats/watch?since=3");
  });
});
