import { ModelError, type PromptMessage } from "../chats/engine/ports.ts";
import type { MessagePart } from "../contract/chats.ts";
import { isImageType } from "../contract/files.ts";

/** Where the bytes of attached files come from. */
export interface FilePort {
  /** The file, unless it is gone or has more bytes than that. Throws when it cannot be read just now. */
  read(fileId: string, maxBytes: number): Promise<FileRead>;
}
export type FileRead = { state: "read"; bytes: Uint8Array } | { state: "gone" } | { state: "too_large" };

export type FilePart = Extract<MessagePart, { type: "file" }>;
/** What a model gets in place of a file part. */
export type Attachment =
  | { kind: "image"; bytes: Uint8Array }
  | { kind: "text"; text: string; cut: boolean }
  | { kind: "gone" };
/** By the part itself, since a file may stand in several messages. What has no entry was left out. */
export type Attachments = ReadonlyMap<FilePart, Attachment>;

/** Providers refuse requests somewhere above 30 MB, and base64 adds a third. */
const REQUEST_MAX_BYTES = 20_000_000;
/** A longer text is cut: it would fill most of a model's context. */
const TEXT_MAX_BYTES = 128 * 1024;

/**
 * Reads the files of a prompt, newest first, as far as one request has room for them. At the first that
 * does not fit it ends: an older one in its place would change the prompt's beginning, which providers
 * keep, from step to step. Throws a ModelError that is worth another try when a file cannot be read.
 */
export async function readAttachments(
  messages: readonly PromptMessage[],
  files: FilePort,
  room: number = REQUEST_MAX_BYTES,
): Promise<Attachments> {
  const parts = messages.flatMap((message) => message.parts.filter((part) => part.type === "file"));
  const attachments = new Map<FilePart, Attachment>();
  let left = room;
  for (const part of parts.toReversed()) {
    const read = await readFile(files, part, left);
    if (read.state === "too_large") break;
    attachments.set(part, read.state === "gone" ? { kind: "gone" } : toAttachment(part, read.bytes));
    if (read.state === "read") left -= read.bytes.byteLength;
  }
  return attachments;
}

async function readFile(files: FilePort, part: FilePart, maxBytes: number): Promise<FileRead> {
  try {
    return await files.read(part.file_id, maxBytes);
  } catch (cause) {
    const message = "An attached file could not be read just now.";
    throw new ModelError({ kind: "generic", provider: null, status: null, retryable: true, message }, { cause });
  }
}

function toAttachment(part: FilePart, bytes: Uint8Array): Attachment {
  if (isImageType(part.media_type)) return { kind: "image", bytes };
  // `stream` leaves a character that the cut goes through out.
  const text = new TextDecoder().decode(bytes.subarray(0, TEXT_MAX_BYTES), { stream: true });
  return { kind: "text", text, cut: bytes.byteLength > TEXT_MAX_BYTES };
}
