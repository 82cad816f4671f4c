import { describe, expect, it } from "vitest";
import { useModel } from "../chats/scripted-model.ts";
import { answeredChat, upgrade } from "../chats/support.ts";
import { getTestApp, ORIGIN } from "../support/app.ts";
import { soon } from "../support/soon.ts";

useModel();
const test = await getTestApp();
const { anonymous, owner } = test;
const chat = await answeredChat(owner);
const { key } = await test.withToken(owner);
const paths = ["/api/v2/chats/watch", `/api/v2/chats/${chat.id}/stream`];

async function open(path: string) {
  const response = await owner.request(path, { headers: upgrade });
  const socket = response.webSocket;
  if (!socket) throw new Error(`Refused: ${response.status}`);
  const state = { code: 0, frames: 0, socket };
  socket.addEventListener("message", () => void (state.frames += 1));
  socket.addEventListener("close", ({ code }) => void (state.code = code));
  socket.accept();
  return state;
}

describe.each(paths)("%s", (path) => {
  it("opens for no page of another site, whatever else it says", async () => {
    const { cookie } = owner;
    const foreign = [
      "https://evil.example",
      "null",
      `${ORIGIN}.evil.example`,
      `${ORIGIN}:1`,
      `https://evil.example/${ORIGIN}`,
      "file://",
    ];
    for (const origin of foreign) {
      const response = await anonymous(path, {
        headers: { ...upgrade, cookie, origin, "sec-fetch-site": "same-origin" },
      });
      expect(response.status, origin).toBe(403);
    }
    expect((await anonymous(path, { headers: { ...upgrade, cookie } })).status).toBe(403);
  });

  it("takes no token out of its address or its subprotocol", async () => {
    expect((await anonymous(`${path}?token=${key}`, { headers: upgrade })).status).toBeGreaterThanOrEqual(400);
    const headers = { ...upgrade, "sec-websocket-protocol": key };
    expect((await anonymous(path, { headers })).status).toBe(401);
  });

  it("is closed with 1008 on a frame that is too long, text or binary", async () => {
    for (const frame of ["x".repeat(100_000), new Uint8Array(100_000)]) {
      const state = await open(path);
      state.socket.send(frame);
      await soon(() => expect(state.code).toBe(1008));
    }
  });

  it("minds nothing that is no frame of its protocol: junk neither breaks it nor anybody else's", async () => {
    const beside = await open(path);
    const state = await open(path);
    for (const junk of [
      "",
      "{",
      "null",
      "[]",
      '{"type":"hello"}',
      '{"__proto__":1}',
      "\u0000",
      new Uint8Array([0, 255]),
    ]) {
      state.socket.send(junk);
    }
    const response = await owner.request(`/api/v2/chats/${chat.id}`);
    expect(response.status).toBe(200);
    expect(beside.code).toBe(0);
    for (const one of [beside, state]) one.socket.close(1000);
  });
});
