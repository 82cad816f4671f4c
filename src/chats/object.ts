import { log } from "../platform/log.ts";
import { Problem } from "../platform/problem.ts";
import type { StepSettings } from "../models/step-settings.ts";
import type { Answer, ChatRpc, Refusal, SendInput } from "./engine/rpc.ts";

/** What the object of a chat answers, with what the deployment's own class adds. */
export interface ChatObjectRpc extends ChatRpc {
  /** `settings`: what D1 said a moment ago, for the step that the message starts. Without it the object asks. */
  send(input: SendInput, settings?: StepSettings | null): ReturnType<ChatRpc["send"]>;
}

/**
 * Asks the object of a chat and answers what it says; throws its refusal as a Problem, and 503 when
 * the object was reset or has too much to do.
 */
export async function askChat<T>(
  chats: Env["CHATS"],
  chatId: string,
  question: (chat: ChatObjectRpc) => Promise<Answer<T>>,
): Promise<T> {
  try {
    // A new stub for each question: one that has thrown is broken.
    const answer = await question(chatStub(chats, chatId));
    if (answer.ok) return answer.value;
    throw refusalProblem(answer.refusal);
  } catch (error) {
    if (!isPassing(error)) throw error;
    log.warn("chat.unavailable", { chatId, error });
    throw unavailable("The chat is busy.", "Nothing is lost. Try again in a moment.");
  }
}

/**
 * The platform's type of a stub spells out every argument and answer, which the compiler gives up on
 * where they hold free-form JSON. Ours says the same.
 */
export function chatStub(chats: Env["CHATS"], chatId: string): ChatObjectRpc {
  return chats.getByName(chatId) as unknown as ChatObjectRpc;
}

/** 503 with the same words everywhere: what is wrong passes. */
export function unavailable(title: string, detail: string): Problem {
  return new Problem(503, title, { detail, headers: { "retry-after": "1" } });
}

/** A refusal of a chat's object, as HTTP answers it. */
export function refusalProblem(refusal: Refusal): Problem {
  const headers: Record<string, string> =
    refusal.retryAfterSeconds === undefined ? {} : { "retry-after": String(refusal.retryAfterSeconds) };
  return new Problem(refusal.status, refusal.title, { detail: refusal.detail, extension: refusal.extension, headers });
}

/** What the platform says of an object that was reset, moved or overloaded; mistakes of ours are none of these. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    ("retryable" in error && error.retryable === true) ||
    ("overloaded" in error && error.overloaded === true) ||
    ("durableObjectReset" in error && error.durableObjectReset === true)
  );
}
