import { z } from "zod";
import { chat } from "./chats.ts";

/** Part of a text, with where the words that were looked for stand in it: UTF-16 units, `end` excluded. */
export const snippet = z
  .object({
    text: z.string(),
    marks: z.array(z.object({ start: z.int(), end: z.int() })),
  })
  .meta({ id: "SearchSnippet" });
export type Snippet = z.infer<typeof snippet>;

export const searchMatch = z
  .object({
    /** Null where the title matched. */
    message_id: z.int().nullable(),
    role: z.enum(["title", "user", "assistant"]),
    snippet,
  })
  .meta({ id: "ChatSearchMatch" });
export type SearchMatch = z.infer<typeof searchMatch>;

/** A chat that was found, with its best matches. */
export const searchResult = z.object({ chat, matches: z.array(searchMatch) }).meta({ id: "ChatSearchResult" });
export type SearchResult = z.infer<typeof searchResult>;
