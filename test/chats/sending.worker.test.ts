import { beforeAll, describe, expect, it } from "vitest";
import { eq } from "drizzle-orm";
import { createMessageResponse, type Chat } from "../../src/contract/chats.ts";
import { streamFrame, type StreamFrame } from "../../src/contract/stream.ts";
import { newApiKey } from "../../src/identity/api-keys.ts";
import { sessions } from "../../src/identity/schema.ts";
import { getTestApp, type Client, type SignedIn } from "../support/app.ts";
import { soon } from "../support/soon.ts";
import { useModel } from "./scripted-model.ts";
import { answeredChat, idleChat, messagesOf, upgrade } from "./support.ts";

// Messages over a chat's socket. What a message does is tested with the routes: both ways end in the same place.

useModel();
const test = await getTestApp();
let ann: SignedIn;
let chat: Chat;

beforeAll(async () => {
  ann = await test.addUser("ann");
  chat = await answeredChat(ann);
});

type Answer = Extract<StreamFrame, { type: "sent" | "refused" }>;
const said = (text: string) => ({ content: [{ type: "text", text }] });

async function line(client: Client) {
  const { webSocket: socket, status } = await client.request(`/api/v2/chats/${chat.id}/stream`, { headers: upgrade });
  if (socket === null) throw new Error(`Refused: ${status}`);
  const answers: Answer[] = [];
  const state: { closed: number | null } = { closed: null };
  socket.addEventListener("message", ({ data }) => {
    const frame = streamFrame.parse(JSON.parse(String(data)));
    if (frame.type === "sent" || frame.type === "refused") answers.push(frame);
  });
  socket.addEventListener("close", ({ code }) => {
    state.closed = code;
  });
  socket.accept();
  const put = (key: string, message: unknown) => socket.send(JSON.stringify({ type: "send", key, message }));
  const send = async (key: string, message: unknown): Promise<Answer> => {
    const before = answers.length;
    put(key, message);
    return soon(() => {
      const answer = answers[before];
      if (answer === undefined) throw new Error("No answer yet.");
      return answer;
    });
  };
  const statusOf = async (message: unknown): Promise<number> => {
    const answer = await send(crypto.randomUUID(), message);
    return answer.type === "sent" ? 200 : answer.problem.status;
  };
  return { answers, state, put, send, status: statusOf, close: () => socket.close(1000) };
}

async function shareWith(person: Client, role: "viewer" | "collaborator"): Promise<void> {
  const body = { user_roles: { [person.userId]: role } };
  const { status } = await ann.request(`/api/v2/chats/${chat.id}/shares`, { method: "PATCH", body });
  expect(status).toBeLessThan(300);
}

describe("a message over a chat's socket", () => {
  it("is taken once, whichever way it is repeated", async () => {
    const open = await line(ann);
    const first = await open.send("once", said("Only once"));
    const again = await open.send("once", said("Only once"));
    const overHttp = await ann.request(`/api/v2/chats/${chat.id}/messages`, {
      method: "POST",
      body: said("Only once"),
      headers: { "idempotency-key": "once" },
    });
    if (first.type !== "sent") throw new Error("It was refused.");
    expect(first.key).toBe("once");
    expect(first.response.message?.created_by).toBe(ann.userId);
    expect(again).toEqual(first);
    expect(createMessageResponse.parse(await overHttp.json())).toEqual(first.response);
    const other = await open.send("once", said("Something else"));
    expect(other).toMatchObject({ type: "refused", problem: { status: 422 } });
    await idleChat(ann, chat.id);
    const own = (await messagesOf(ann, chat.id)).filter(({ content }) => JSON.stringify(content).includes("Only once"));
    expect(own).toHaveLength(1);
    open.close();
  });

  it("is taken in the order in which one socket sent it", async () => {
    const open = await line(ann);
    const keys = Array.from({ length: 5 }, (_, index) => `order-${index}`);
    for (const key of keys) open.put(key, said(key));
    await soon(() => expect(open.answers).toHaveLength(keys.length));
    expect(open.answers.map(({ key }) => key)).toEqual(keys);
    const ids = open.answers.map((answer) =>
      answer.type === "sent" ? (answer.response.message?.id ?? answer.response.queued_message?.id ?? 0) : 0,
    );
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    expect(ids).not.toContain(0);
    open.close();
    await idleChat(ann, chat.id);
  });

  it("is refused with what HTTP would say, and the socket stays", async () => {
    const open = await line(ann);
    expect(await open.send("empty", { content: [] })).toMatchObject({
      type: "refused",
      key: "empty",
      problem: { status: 400, errors: [{ pointer: "/content", detail: "Content is required." }] },
    });
    const gone = { content: [{ type: "file", file_id: crypto.randomUUID() }] };
    for (const wrong of [null, 7, "Hello", [], { content: "Hello" }, said("  "), gone])
      expect(await open.status(wrong)).toBe(400);
    expect(open.state.closed).toBeNull();
    open.close();
  });

  it("asks anew who sends and what they may", async () => {
    const guest = await test.addUser("guest");
    await shareWith(guest, "viewer");
    const open = await line(guest);
    expect(await open.status(said("May I?"))).toBe(403);
    await shareWith(guest, "collaborator");
    expect(await open.status(said("Now I may."))).toBe(200);
    // Ended without a word to the chat's object, which would close the socket.
    await test.db.delete(sessions).where(eq(sessions.id, guest.sessionId));
    expect(await open.status(said("And now?"))).toBe(401);
    await idleChat(ann, chat.id);
  });

  it("needs a token that may send", async () => {
    const facts = { userId: ann.userId, name: "reads", scopes: ["chat:read"], lifetimeSeconds: 0, createdBy: null };
    const { key, statement } = newApiKey(facts, test.clock.now);
    await test.db.run(statement);
    const reader: Client = {
      ...ann,
      request: (path, options = {}) =>
        test.anonymous(path, { ...options, headers: { ...options.headers, authorization: `Bearer ${key}` } }),
    };
    const open = await line(reader);
    expect(await open.status(said("By a token"))).toBe(403);
    const whole = await line(await test.withToken(ann));
    expect(await whole.status(said("By a token"))).toBe(200);
    open.close();
    whole.close();
    await idleChat(ann, chat.id);
  });

  it("goes over HTTP where only a role lets somebody in, so that the audit log has it", async () => {
    const open = await line(test.owner);
    expect(await open.status(said("As the owner of the site"))).toBe(421);
    open.close();
  });

  it("closes a socket that sends without waiting for any answer", async () => {
    const open = await line(ann);
    for (let index = 0; index < 200; index += 1) open.put(`flood-${index}`, { content: [] });
    await soon(() => expect(open.state.closed).toBe(1008));
    expect(open.answers.length).toBeLessThan(200);
  });
});
