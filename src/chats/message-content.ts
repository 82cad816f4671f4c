import type { InputPart, MessagePart } from "../contract/chats.ts";
import type { Database } from "../platform/d1.ts";
import { Problem } from "../platform/problem.ts";
import { readOwnFiles, referToFiles } from "./files.ts";
import { fileIdsOf, readContent } from "./input.ts";

/** `readContent` with the files that the person may attach. */
export async function checkContent(db: Database, userId: string, input: readonly InputPart[]): Promise<MessagePart[]> {
  return readContent(input, await readOwnFiles(db, userId, fileIdsOf(input)));
}

/**
 * The parts of a message for a chat that is there. Its files are referred to from here on, so the
 * chat's object may take it.
 */
export async function takeContent(
  db: Database,
  userId: string,
  input: readonly InputPart[],
  chatId: string,
): Promise<MessagePart[]> {
  const content = await checkContent(db, userId, input);
  await referTo(db, userId, content, chatId);
  return content;
}

/** Throws a 409 Problem when a file was swept between the check and now. */
export async function referTo(
  db: Database,
  userId: string,
  content: readonly MessagePart[],
  chatId: string,
): Promise<void> {
  if (await referToFiles(db, chatId, userId, fileIdsOf(content))) return;
  throw new Problem(409, "A file is not there any more.", {
    detail: "It was not used for a day and has been removed. Upload it again.",
    errors: [{ pointer: "/content", detail: "A file of it has been removed." }],
  });
}
