import type { Chat } from "../../../src/contract/chats.ts";
import type { SearchResult, Snippet } from "../../../src/contract/search.ts";

/** A text in pieces, those in `marked` found. Marks of a newer server that make no sense are left out. */
export function markedPieces({ text, marks }: Snippet): { text: string; marked: boolean }[] {
  const pieces: { text: string; marked: boolean }[] = [];
  let at = 0;
  for (const { start, end } of [...marks].sort((a, b) => a.start - b.start)) {
    if (start < at || end <= start || end > text.length) continue;
    if (start > at) pieces.push({ text: text.slice(at, start), marked: false });
    pieces.push({ text: text.slice(start, end), marked: true });
    at = end;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), marked: false });
  return pieces;
}

/** One message that was found. */
export interface FoundMessage {
  chat: Chat;
  messageId: number;
  by: "you" | "agent";
  snippet: Snippet;
}

/** More of one chat would crowd out the others. */
const MESSAGES_A_CHAT = 2;

/** Messages in the server's order. */
export function foundMessages(results: readonly SearchResult[]): FoundMessage[] {
  return results.flatMap(({ chat, matches }) =>
    matches
      .flatMap(({ message_id: messageId, role, snippet }) =>
        messageId === null
          ? []
          : [{ chat, messageId, by: role === "user" ? ("you" as const) : ("agent" as const), snippet }],
      )
      .slice(0, MESSAGES_A_CHAT),
  );
}

/** Chats whose titles were found and that are not among the listed ones. */
export function foundTitles(results: readonly SearchResult[], listed: readonly Chat[]): Chat[] {
  const there = new Set(listed.map((chat) => chat.id));
  return results
    .filter(({ chat, matches }) => !there.has(chat.id) && matches.some((match) => match.message_id === null))
    .map(({ chat }) => chat);
}
