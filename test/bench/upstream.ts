// The model of the bench: a program that speaks OpenAI Chat Completions and writes one chunk a token. `node upstream.ts <port>`.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { LAST_TOKEN, orderText, readOrder, sharedNow, TOKEN_MARK, type Order } from "./order.ts";

const content = z.union([z.string(), z.array(z.object({ text: z.string().default("") })), z.null()]).optional();
const request = z.object({ messages: z.array(z.object({ role: z.string(), content })), tools: z.unknown().optional() });
type Message = z.infer<typeof request>["messages"][number];

const head = { id: "chatcmpl-bench", object: "chat.completion.chunk", created: 1_700_000_000, model: "bench" };
const holds = new Map<string, () => void>();

const server = createServer((incoming, response) => {
  answer(incoming, response).catch((error: unknown) => {
    console.error("The bench's upstream failed", error);
    response.destroy();
  });
});
server.listen(Number(process.argv[2]), "127.0.0.1", () => process.send?.("listening"));

// Whoever started this is gone, and its port must not stay taken.
process.once("disconnect", () => process.exit());

async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = incoming.url ?? "/";
  if (path.startsWith("/release/")) {
    holds.get(path.slice("/release/".length))?.();
    response.end();
    return;
  }
  const { messages } = request.parse(JSON.parse(await readText(incoming)));
  response.writeHead(200, { "content-type": "text/event-stream" });
  const newest = messages.findLastIndex(({ role }) => role === "user");
  const question = textOf(messages[newest]);
  // The product names a chat by itself after its first answer; that call carries question and answer as one text.
  const wanted = question.startsWith("<question>") ? null : readOrder(question);
  const later = messages.slice(newest + 1);
  if (wanted === null) await speak(response, ["A bench chat"]);
  else if (wanted.children > 0) await delegate(response, wanted, later);
  else await speak(response, tokensOf(wanted), wanted);
}

async function speak(response: ServerResponse, tokens: Iterable<string | (() => string)>, wanted?: Order) {
  if (wanted !== undefined && wanted.delayMs > 0) await sleep(wanted.delayMs);
  const startedAt = sharedNow();
  let sent = 0;
  for (const token of tokens) {
    if (wanted !== undefined && wanted.perSecond > 0) {
      const due = startedAt + (sent * 1_000) / wanted.perSecond;
      const early = due - sharedNow();
      if (early > 0.5) await sleep(early);
    }
    if (response.destroyed) return;
    await write(response, { content: typeof token === "string" ? token : token() });
    sent += 1;
  }
  if (wanted?.hold !== undefined) await new Promise<void>((resolve) => holds.set(wanted.hold ?? "", resolve));
  await finish(response, "stop", sent);
}

function* tokensOf({ tokens, size, perSecond }: Order): Generator<string | (() => string)> {
  const filler = "x".repeat(size - 2);
  // Paced tokens say when they left.
  const timed = () => `${TOKEN_MARK}${sharedNow().toFixed(3)};`;
  for (let index = 1; index < tokens; index++) yield perSecond > 0 ? timed : `${TOKEN_MARK}${filler} `;
  yield LAST_TOKEN;
}

/** Spawns a child, waits for it, gives it more to do, waits again, and so on. */
async function delegate(response: ServerResponse, wanted: Order, later: Message[]): Promise<void> {
  const round = later.filter(({ role }) => role === "assistant").length;
  if (round >= wanted.children * 2) return speak(response, [LAST_TOKEN]);
  const chatId = /"chat_id":\s*"([^"]+)"/.exec(later.map(textOf).join("\n"))?.[1] ?? "";
  const task = orderText({ tokens: 3, delayMs: wanted.delayMs });
  if (round === 0) await call(response, "spawn_agent", { prompt: task, title: "Bench" });
  else if (round % 2 === 1) await call(response, "wait_agent", { chat_id: chatId });
  else await call(response, "message_agent", { chat_id: chatId, message: task });
}

async function call(response: ServerResponse, name: string, args: object): Promise<void> {
  const id = `call_${Math.random().toString(36).slice(2)}`;
  const tool = { index: 0, id, type: "function", function: { name, arguments: JSON.stringify(args) } };
  await write(response, { tool_calls: [tool] });
  await finish(response, "tool_calls", 10);
}

async function write(response: ServerResponse, delta: object): Promise<void> {
  await event(response, { ...head, choices: [{ index: 0, delta, finish_reason: null }] });
}

async function finish(response: ServerResponse, reason: string, tokens: number): Promise<void> {
  await event(response, { ...head, choices: [{ index: 0, delta: {}, finish_reason: reason }] });
  const usage = { prompt_tokens: 10, completion_tokens: tokens, total_tokens: tokens + 10 };
  await event(response, { ...head, choices: [], usage });
  response.end("data: [DONE]\n\n");
}

async function event(response: ServerResponse, body: object): Promise<void> {
  if (!response.write(`data: ${JSON.stringify(body)}\n\n`) && !response.destroyed) {
    const other = new AbortController();
    const { signal } = other;
    await Promise.race([once(response, "drain", { signal }), once(response, "close", { signal })]);
    other.abort();
  }
}

function textOf(message: Message | undefined): string {
  const said = message?.content ?? "";
  return typeof said === "string" ? said : said.map(({ text }) => text).join("\n");
}

async function readText(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const piece of incoming) chunks.push(Buffer.from(piece));
  return Buffer.concat(chunks).toString("utf8");
}
