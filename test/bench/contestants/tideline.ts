import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { z } from "zod";
import { chat } from "../../../src/contract/chats.ts";
import { ACK_EVERY_BYTES, ACK_EVERY_MS, type SendFrame } from "../../../src/contract/stream.ts";
import { LAST_TOKEN, orderText, type Order } from "../order.ts";
import { countTokens, type Contestant, type Viewer } from "./contestant.ts";

export interface Account {
  url: string;
  cookie: string;
}

/** The first person of a new deployment, with the bench's upstream as their model. */
export async function becomeOwner(url: string, setupToken: string, upstream: string): Promise<Account> {
  const response = await fetch(`${url}/api/v2/setup`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({
      token: setupToken,
      username: "ada",
      email: "ada@example.com",
      password: "a long enough password",
    }),
  });
  if (!response.ok) throw new Error(`Setup: ${response.status} ${await response.text()}`);
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  const account = { url, cookie };
  await call(account, "POST", "/chats/providers", {
    provider: "openai-compat",
    base_url: `${upstream}/v1`,
    api_key: "bench",
  });
  await call(account, "POST", "/chats/model-configs", {
    provider: "openai-compat",
    model: "bench",
    context_limit: 1_000_000,
    is_default: true,
  });
  return account;
}

export async function call(account: Account, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${account.url}/api/v2${path}`, {
    method,
    headers: { cookie: account.cookie, origin: account.url, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === "" ? null : JSON.parse(text);
}

/** The product as its page uses it: a cookie, and a socket over which messages go out and the stream comes in. */
export function tidelineContestant(account: Account): Contestant {
  const acknowledged = new WeakMap<Viewer, { bytes: number; at: number; received: number }>();

  return {
    name: "ours",
    greets: true,
    async open() {
      const content = [{ type: "text", text: orderText({ tokens: 1 }) }];
      const { id, title: first } = chat.parse(await call(account, "POST", "/chats", { content }));
      // The turn, and the title that is made after it.
      for (let tries = 0; tries < 200; tries++) {
        const { status, title, last_error: error } = chat.parse(await call(account, "GET", `/chats/${id}`));
        if (error !== null) throw new Error(`A bench chat failed: ${error}`);
        if (status === "waiting" && title !== first) return id;
        await sleep(25);
      }
      throw new Error("A bench chat did not come to rest.");
    },
    dial(room, cursor) {
      const query = cursor === undefined ? "" : `?since=${cursor.seq}&epoch=${encodeURIComponent(cursor.epoch)}`;
      return new WebSocket(`${account.url.replace("http", "ws")}/api/v2/chats/${room}/stream${query}`, {
        headers: { cookie: account.cookie, origin: account.url },
        perMessageDeflate: false,
      });
    },
    read(frame) {
      if (frame.includes('"type":"refused"'))
        throw new Error(`A message of the bench was refused: ${frame.toString()}`);
      if (frame.includes('"message_part"')) return { tokens: countTokens(frame), whole: false, ended: false };
      const whole = frame.includes('"role":"assistant"') && frame.includes(LAST_TOKEN);
      return { tokens: 0, whole, ended: frame.includes('"type":"status","status":"waiting"') };
    },
    reply(viewer, frame) {
      const state = acknowledged.get(viewer) ?? { bytes: 0, at: performance.now(), received: 0 };
      acknowledged.set(viewer, state);
      state.received += frame.length;
      const now = performance.now();
      if (state.received - state.bytes < ACK_EVERY_BYTES && now - state.at < ACK_EVERY_MS) return;
      state.bytes = state.received;
      state.at = now;
      viewer.socket.send(JSON.stringify({ type: "ack", bytes: state.received }));
    },
    prepare: async () => undefined,
    async ask(_room: string, wanted: Partial<Order>, viewer: Viewer) {
      const message: SendFrame["message"] = { content: [{ type: "text", text: orderText(wanted) }] };
      const frame: SendFrame = { type: "send", key: randomUUID(), message };
      viewer.socket.send(JSON.stringify(frame));
    },
  };
}

const dataFrame = z.object({ type: z.literal("data"), seq: z.int().optional() });
const helloFrame = z.object({ type: z.literal("hello"), epoch: z.string() });

/** Follows the cursor of a viewer, as every client of ours does. */
export function followCursor(viewer: Viewer): () => { seq: number; epoch: string } {
  let seq = 0;
  let epoch = "";
  viewer.onFrame = (frame) => {
    const body: unknown = JSON.parse(frame.toString("utf8"));
    epoch = helloFrame.safeParse(body).data?.epoch ?? epoch;
    seq = dataFrame.safeParse(body).data?.seq ?? seq;
  };
  return () => ({ seq, epoch });
}
