import type { MessagePart } from "./chats.ts";

const TITLE_WORDS = 6;
const TITLE_CHARACTERS = 80;
/** Control characters, too: a title stands in one line of a list. */
const SEPARATORS = /[\s\p{Cc}]+/u;
const UNTITLED = "New Chat";

/** What a chat is called at first: the first words of its first message. */
export function firstTitle(content: readonly MessagePart[]): string {
  const words = content.flatMap(titleText).join(" ").split(SEPARATORS).filter(Boolean);
  if (words.length === 0) return UNTITLED;
  const title = words.slice(0, TITLE_WORDS).join(" ");
  return shorten(words.length > TITLE_WORDS ? `${title}…` : title);
}

function titleText(part: MessagePart): string[] {
  if (part.type === "text") return [part.text];
  if (part.type === "file-reference") return [part.file_name];
  return [];
}

/** Counts code points, so that no character is cut in half. */
function shorten(title: string): string {
  const characters = Array.from(title);
  if (characters.length <= TITLE_CHARACTERS) return title;
  return `${characters.slice(0, TITLE_CHARACTERS - 1).join("")}…`;
}
