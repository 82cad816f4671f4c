import { z } from "zod";
import type { InputPart } from "../../../src/contract/chats.ts";
import type { DiffHunk, DiffLine } from "../chat/unified-diff.ts";

/** What somebody has to say of lines of a diff. It waits above the composer and goes out with the next message. */

/** The lines of `before` are those that were there, of `after` those that are there now. */
const sides = ["before", "after"] as const;
export type DiffSideName = (typeof sides)[number];

export const lineComment = z.object({
  id: z.string(),
  path: z.string(),
  side: z.enum(sides),
  start: z.int(),
  end: z.int(),
  /** The lines as they stood in the diff. */
  excerpt: z.string(),
  text: z.string(),
});
export type LineComment = z.infer<typeof lineComment>;

/** So many fit beside text and files into one message. */
export const COMMENTS_MAX = 40;
const EXCERPT_MAX_LINES = 60;

export function readComments(text: string | null): LineComment[] {
  if (text === null) return [];
  try {
    return z.array(lineComment).max(COMMENTS_MAX).catch([]).parse(JSON.parse(text));
  } catch {
    return []; // written by something else
  }
}

/** `src/a.ts:3–7`, and `(before)` where the lines are gone. */
export function placeOf({ path, side, start, end }: Omit<LineComment, "id" | "text" | "excerpt">): string {
  const lines = start === end ? `${start}` : `${start}–${end}`;
  return `${path}:${lines}${side === "before" ? " (removed)" : ""}`;
}

/** Each comment as two parts: where, with the lines themselves, and what is said of them. */
export function commentParts(comments: readonly LineComment[]): InputPart[] {
  return comments.flatMap((comment): InputPart[] => [
    {
      type: "file-reference",
      file_name: comment.side === "before" ? `${comment.path} (before the change)` : comment.path,
      start_line: comment.start,
      end_line: comment.end,
      content: comment.excerpt,
    },
    { type: "text", text: comment.text },
  ]);
}

export function lineNumber(line: DiffLine, side: DiffSideName): number | null {
  return side === "before" ? line.before : line.after;
}

/** The lines of one side from one number to another, with their signs. */
export function excerptOf(hunks: readonly DiffHunk[], side: DiffSideName, start: number, end: number): string {
  const lines = hunks.flatMap((hunk) =>
    hunk.lines.filter((line) => {
      const number = lineNumber(line, side);
      return number !== null && number >= start && number <= end;
    }),
  );
  const shown = lines.slice(0, EXCERPT_MAX_LINES).map((line) => `${signs[line.kind]}${line.text}`);
  return lines.length > shown.length ? [...shown, "…"].join("\n") : shown.join("\n");
}

const signs: Record<DiffLine["kind"], string> = { same: " ", added: "+", removed: "-" };
