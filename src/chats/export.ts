import { EXPORT_FORMAT } from "../contract/chat-export.ts";
import { toWireTime } from "../platform/clock.ts";
import { askChat } from "./object.ts";
import type { ExportPage } from "./engine/rpc.ts";

/**
 * A chat as one JSON text, read and written page by page, so that its size does not matter. Asks for
 * the first page before it answers: what is wrong with the chat is a Problem still.
 */
export async function exportChat(
  chats: Env["CHATS"],
  chatId: string,
  now: number,
): Promise<ReadableStream<Uint8Array>> {
  const readPage = (afterId: number) => askChat(chats, chatId, (object) => object.exportPage({ afterId }));
  const encoder = new TextEncoder();
  const chunks = textOf(await readPage(0), readPage, now);
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
  });
}

async function* textOf(
  first: ExportPage,
  readPage: (afterId: number) => Promise<ExportPage>,
  now: number,
): AsyncGenerator<string, void> {
  const { chat, usage } = first;
  const head = JSON.stringify({ format: EXPORT_FORMAT, exported_at: toWireTime(now), chat, usage });
  yield `${head.slice(0, -1)},"messages":[`;
  let page = first;
  for (let written = 0; ;) {
    const messages = page.messages.map((message) => JSON.stringify(message));
    if (messages.length > 0) yield `${written === 0 ? "" : ","}\n${messages.join(",\n")}`;
    written += messages.length;
    const last = page.messages.at(-1);
    if (!page.hasMore || last === undefined) break;
    page = await readPage(last.id);
  }
  yield "\n]}\n";
}
