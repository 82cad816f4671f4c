import type { Page } from "playwright-core";
import { chatExport, EXPORT_FORMAT } from "../../../src/contract/chat-export.ts";
import { chat as chatSchema, type Chat, type MessagePart } from "../../../src/contract/chats.ts";

/** Chats as if somebody had worked for months, through the import that anybody may use. */

type SeededMessage = { role: "user" | "assistant" | "tool"; content: MessagePart[] };

/** Four messages a turn: a question, a command, its output, an answer with prose and code. */
const TURN = 4;

/** A conversation of so many messages, each turn with its number in its words. The newest is an answer. */
export function conversation(messages: number): SeededMessage[] {
  return Array.from({ length: Math.ceil(messages / TURN) }, (_, turn) => turnOf(turn))
    .flat()
    .slice(-messages);
}

function turnOf(turn: number): SeededMessage[] {
  const call = { tool_call_id: `seed_${turn}`, tool_name: "execute" };
  return [
    { role: "user", content: [{ type: "text", text: question(turn) }] },
    {
      role: "assistant",
      content: [
        { type: "text", text: `I look at part ${turn} first.` },
        { type: "tool-call", ...call, args: { command: `npm test -- part-${turn}` } },
      ],
    },
    {
      role: "tool",
      content: [
        {
          type: "tool-result",
          ...call,
          result: { success: true, output: `part-${turn}: 12 passed\n`.repeat(1 + (turn % 9)), exit_code: 0 },
        },
      ],
    },
    { role: "assistant", content: [{ type: "text", text: answer(turn) }] },
  ];
}

export function question(turn: number): string {
  return `Question ${turn}: ${"what does the tide do at the harbour, and why? ".repeat(1 + (turn % 5)).trim()}`;
}

function answer(turn: number): string {
  const points = Array.from({ length: 1 + (turn % 6) }, (_, index) => `- Point ${index + 1} about \`part-${turn}\`.`);
  return [
    `Answer ${turn}: it **rises** and falls with the moon. ${"The harbour wall holds. ".repeat(1 + (turn % 7)).trim()}`,
    points.join("\n"),
    ...(turn % 3 === 0 ? [`\`\`\`ts\nexport const part${turn} = (tide: number) => tide * ${turn};\n\`\`\``] : []),
  ].join("\n\n");
}

/** Makes a chat of these messages, in the account of whoever is signed in on this page. */
export async function seedChat(page: Page, title: string, messages: SeededMessage[]): Promise<Chat> {
  const response = await page.request.post("/api/v2/chats/import", {
    // A cookie counts only from a page of this deployment.
    headers: { origin: new URL(page.url()).origin },
    data: {
      format: EXPORT_FORMAT,
      chat: { title },
      messages: messages.map((message) => ({ ...message, content_version: 1 })),
    },
    timeout: 60_000,
  });
  if (response.status() !== 201) throw new Error(`The import answered ${response.status()}: ${await response.text()}`);
  return chatSchema.parse(await response.json());
}

/** So many chats of one turn each, a few at a time. */
export async function seedChats(page: Page, count: number): Promise<void> {
  const titles = Array.from({ length: count }, (_, index) => `Seeded chat ${index + 1}`);
  const lanes = Array.from({ length: 6 }, async () => {
    for (let title = titles.shift(); title !== undefined; title = titles.shift()) {
      await seedChat(page, title, turnOf(1));
    }
  });
  await Promise.all(lanes);
}

/** Ids of the messages of a chat that have this role, oldest first. */
export async function messageIds(page: Page, chatId: string, role: SeededMessage["role"]): Promise<number[]> {
  const response = await page.request.get(`/api/v2/chats/${chatId}/export`);
  const { messages } = chatExport.parse(await response.json());
  return messages.filter((message) => message.role === role).map(({ id }) => id);
}
