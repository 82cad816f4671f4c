import type { MinimalUser } from "../../contract/identity.ts";
import { log } from "../../platform/log.ts";
import type { ChatContext } from "./context.ts";
import type { PromptMessage } from "./ports.ts";

/** A message of the history with who wrote it; null for what no person did. */
export interface Spoken {
  writer: string | null;
  message: PromptMessage;
}

/** What a model is told once it has more than one person before it. */
export const SEVERAL_SPEAKERS =
  "Several people write in this chat. Each of their messages begins with a line that says who sent it; that line is " +
  "not part of what they wrote.";

/** Whether more than one person wrote what a model is about to read. */
export function severalSpeak(history: readonly Spoken[]): boolean {
  return new Set(history.flatMap(({ writer }) => writer ?? [])).size > 1;
}

/** The history with a line before each message that says who sent it. Whoever is unknown keeps their words. */
export function nameSpeakers(history: readonly Spoken[], people: readonly MinimalUser[]): PromptMessage[] {
  const lines = new Map(people.map((person) => [person.id, `From ${calledBy(person)}:`]));
  return history.map(({ writer, message }) => {
    const line = writer === null ? undefined : lines.get(writer);
    return line === undefined ? message : { ...message, parts: [{ type: "text", text: line }, ...message.parts] };
  });
}

/** On one line, whatever somebody chose to be called. */
function calledBy({ username, name }: MinimalUser): string {
  const plain = name.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
  return plain === "" ? `@${username}` : `${plain} (@${username})`;
}

/** Whom the history is from; nobody when it cannot be said, which keeps no one from working. */
export async function readSpeakers(context: ChatContext, history: readonly Spoken[]): Promise<MinimalUser[]> {
  try {
    return await context.ports.people.people([...new Set(history.flatMap(({ writer }) => writer ?? []))]);
  } catch (error) {
    log.warn("speakers.unknown", { error });
    return [];
  }
}
