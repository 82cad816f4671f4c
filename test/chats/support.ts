import { expect } from "vitest";
import { chat, messagesResponse, type Chat, type ChatMessage } from "../../src/contract/chats.ts";
import type { Client } from "../support/app.ts";
import { soon } from "../support/soon.ts";

export const upgrade = { upgrade: "websocket" };

/** What a person does with chats, over HTTP. */
export async function createChat(client: Client, text = "Hello there"): Promise<Chat> {
  const body = { content: [{ type: "text", text }] };
  const response = await client.request("/api/v2/chats", { method: "POST", body });
  expect(response.status).toBe(201);
  return chat.parse(await response.json());
}

export async function readChat(client: Client, chatId: string): Promise<Chat> {
  return chat.parse(await (await client.request(`/api/v2/chats/${chatId}`)).json());
}

/** Once its turn has ended. */
export async function idleChat(client: Client, chatId: string): Promise<Chat> {
  return soon(async () => {
    const found = await readChat(client, chatId);
    expect(["waiting", "error"]).toContain(found.status);
    return found;
  });
}

export async function answeredChat(client: Client, text?: string): Promise<Chat> {
  const made = await createChat(client, text);
  return idleChat(client, made.id);
}

/** Newest first. */
export async function messagesOf(client: Client, chatId: string): Promise<ChatMessage[]> {
  const response = await client.request(`/api/v2/chats/${chatId}/messages`);
  return messagesResponse.parse(await response.json()).messages;
}

export async function listedChat(client: Client, chatId: string): Promise<Chat | undefined> {
  const response = await client.request("/api/v2/chats");
  return chat
    .array()
    .parse(await response.json())
    .find((one) => one.id === chatId);
}

/** A socket of the chat's owner; `frames` fills by itself. */
export async function openSocket(client: Client, path: string) {
  const response = await client.request(path, { headers: upgrade });
  const socket = response.webSocket;
  if (!socket) throw new Error(`Refused: ${response.status}`);
  const state = { frames: new Array<string>(), closed: false, close: () => socket.close(1000) };
  socket.addEventListener("message", (event) => void state.frames.push(String(event.data)));
  socket.addEventListener("close", () => {
    state.closed = true;
  });
  socket.accept();
  return state;
}
