import { z } from "zod";
import {
  createMessageResponse,
  type CreateMessageRequest,
  type CreateMessageResponse,
} from "../../../src/contract/chats.ts";
import { post } from "../api/client.ts";
import { ApiError } from "../api/error.ts";
import { sentFile, type SentFile } from "./attachments/attachments.ts";
import { commentParts, lineComment, type LineComment } from "../git/line-comments.ts";
import { newInput } from "./content.ts";
import { remember, remembered } from "./storage.ts";
import type { ChatStream, SendAnswer } from "./stream-socket.ts";

/**
 * Messages on their way to one chat. Each is written down with its idempotency key before it leaves,
 * so that a lost answer, a retry or a reload neither loses nor doubles it.
 */

const outgoingMessage = z.object({
  key: z.string(),
  text: z.string(),
  /** Uploaded already. */
  files: z.array(sentFile).default([]),
  /** What it says of lines of a diff. */
  comments: z.array(lineComment).default([]),
  modelConfigId: z.string().nullable(),
  /** Why it did not arrive, or null while it is on its way. */
  failure: z.string().nullable(),
  /** The message it became; it is shown until the stream brings that one. */
  messageId: z.number().nullable(),
});
export type OutgoingMessage = z.infer<typeof outgoingMessage>;

export interface Outbox {
  messages(): readonly OutgoingMessage[];
  subscribe(listener: () => void): () => void;
  send(
    text: string,
    modelConfigId: string | null,
    files?: readonly SentFile[],
    comments?: readonly LineComment[],
  ): void;
  /** Sends it once more, under the same key. */
  retry(key: string): void;
  /** Gives a failed message up and returns what it said. */
  takeBack(key: string): Pick<OutgoingMessage, "text" | "files" | "comments">;
  /** The stream has brought these messages. */
  arrived(has: (messageId: number) => boolean): void;
  close(): void;
}

export interface OutboxPorts {
  post(message: OutgoingMessage): Promise<CreateMessageResponse>;
  newKey(): string;
  load(): string | null;
  save(text: string | null): void;
  after(ms: number, run: () => void): () => void;
}

/** The server asks for a request (421), or for a sign-in, to which an ordinary call leads (401). */
const ASKS_FOR_HTTP: ReadonlySet<number> = new Set([401, 421]);

/** The network gets this many chances before a person is asked. */
const RETRY_DELAYS_MS = [600, 2_000, 5_000];

export function openOutbox(ports: OutboxPorts): Outbox {
  const listeners = new Set<() => void>();
  const waits = new Set<() => void>();
  let closed = false;
  let messages: readonly OutgoingMessage[] = readSaved(ports.load());

  function set(next: readonly OutgoingMessage[]): void {
    messages = next;
    // What the server has taken is the server's to keep.
    const unsent = messages.filter((message) => message.messageId === null);
    ports.save(unsent.length === 0 ? null : JSON.stringify(unsent));
    for (const listener of listeners) listener();
  }

  function change(key: string, changes: Partial<OutgoingMessage>): void {
    set(messages.map((message) => (message.key === key ? { ...message, ...changes } : message)));
  }

  async function deliver(key: string, attempt: number): Promise<void> {
    const message = messages.find((each) => each.key === key);
    if (message === undefined || closed) return;
    try {
      const answer = await ports.post(message);
      // A queued message is shown by the queue.
      if (answer.message === undefined) set(messages.filter((each) => each.key !== key));
      else change(key, { messageId: answer.message.id });
    } catch (error) {
      const delay = RETRY_DELAYS_MS[attempt];
      if (delay === undefined || !mayHealItself(error)) return change(key, { failure: failureWords(error) });
      const cancel = ports.after(delay, () => {
        waits.delete(cancel);
        void deliver(key, attempt + 1);
      });
      waits.add(cancel);
    }
  }

  for (const message of messages) if (message.failure === null) void deliver(message.key, 0);

  return {
    messages: () => messages,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    send: (text, modelConfigId, files = [], comments = []) => {
      const key = ports.newKey();
      const message = { key, text, files: [...files], comments: [...comments], modelConfigId };
      set([...messages, { ...message, failure: null, messageId: null }]);
      void deliver(key, 0);
    },
    retry: (key) => {
      change(key, { failure: null });
      void deliver(key, 0);
    },
    takeBack: (key) => {
      const message = messages.find((each) => each.key === key);
      set(messages.filter((each) => each.key !== key));
      return { text: message?.text ?? "", files: message?.files ?? [], comments: message?.comments ?? [] };
    },
    arrived: (has) => {
      const left = messages.filter((message) => message.messageId === null || !has(message.messageId));
      if (left.length !== messages.length) set(left);
    },
    close: () => {
      closed = true;
      for (const cancel of waits) cancel();
      waits.clear();
    },
  };
}

/** The outbox of a chat in this browser: over the chat's line where it is there, over HTTP otherwise. */
export function openChatOutbox(chatId: string, overLine: ChatStream["send"]): Outbox {
  const name = `outgoing.${chatId}`;
  return openOutbox({
    post: ({ key, text, files, comments, modelConfigId }) => {
      const body: CreateMessageRequest = {
        content: [...newInput(text, files), ...commentParts(comments)],
        ...(modelConfigId === null ? {} : { model_config_id: modelConfigId }),
      };
      return sendEitherWay(
        () => overLine(key, body),
        () => post(`/chats/${chatId}/messages`, body, createMessageResponse, { idempotencyKey: key }),
      );
    },
    newKey: () => crypto.randomUUID(),
    load: () => remembered(name),
    save: (text) => remember(name, text),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  });
}

/** Over the line, and over HTTP where that brought no answer or one that asks for it. Both have the same key. */
export async function sendEitherWay(
  overLine: () => Promise<SendAnswer | null>,
  overHttp: () => Promise<CreateMessageResponse>,
): Promise<CreateMessageResponse> {
  const answer = await overLine();
  if (answer?.type === "sent") return answer.response;
  if (answer?.type === "refused" && !ASKS_FOR_HTTP.has(answer.problem.status))
    throw ApiError.ofProblem(answer.problem, answer.retry_after ?? null);
  return overHttp();
}

function readSaved(text: string | null): readonly OutgoingMessage[] {
  if (text === null) return [];
  try {
    const saved = z.array(outgoingMessage).safeParse(JSON.parse(text));
    return saved.success ? saved.data : [];
  } catch {
    return []; // written by something else
  }
}

/** No connection, or a server that says it is only busy. */
function mayHealItself(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 502);
}

/** Why something was not sent, in one or two sentences. */
export function failureWords(error: unknown): string {
  if (!(error instanceof ApiError)) return "Something unexpected happened in this page.";
  if (error.status === 413) return error.detail ?? "The message is too long.";
  const first = error.errors.at(0)?.detail;
  return error.detail ?? first ?? `${error.message}.`;
}
