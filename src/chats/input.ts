import type { InputPart, MessagePart } from "../contract/chats.ts";
import type { ProblemError } from "../contract/common.ts";
import { Problem } from "../platform/problem.ts";

/** One stored value may not pass the platform's 2 MB; half of it leaves room for what is stored beside it. */
export const MESSAGE_MAX_BYTES = 1_000_000;

/** What is known of a file that a message may have. */
export interface AttachableFile {
  name: string;
  mediaType: string;
}
type Files = ReadonlyMap<string, AttachableFile>;
const NO_FILES: Files = new Map();

/**
 * What a person sent as the parts of a message that are stored: trimmed, checked, without unknown
 * fields. `files` are the person's own among those that it names. Throws a 400 Problem that points at
 * each part that is wrong, and 413 when all together are too long.
 */
export function readContent(input: readonly InputPart[], files: Files = NO_FILES): MessagePart[] {
  const read = input.map((part) => readPart(part, files));
  const errors = read.flatMap((part, index) =>
    "refused" in part ? [{ pointer: `/content/${index}${part.refused.pointer}`, detail: part.refused.detail }] : [],
  );
  if (errors.length > 0) throw invalidContent(errors);

  const parts = read.flatMap((part) => ("part" in part ? [part.part] : []));
  const bytes = new TextEncoder().encode(JSON.stringify(parts)).byteLength;
  if (bytes > MESSAGE_MAX_BYTES) throw tooLong(bytes);
  return parts;
}

type ReadPart = { part: MessagePart } | { refused: { pointer: string; detail: string } };

/** The files that a message names, each once. */
export function fileIdsOf(content: readonly (InputPart | MessagePart)[]): string[] {
  const ids = content.flatMap((part) => (part.type === "file" && part.file_id !== undefined ? [part.file_id] : []));
  return [...new Set(ids)];
}

function readPart(input: InputPart, files: Files): ReadPart {
  switch (input.type) {
    case "text": {
      const text = wellFormed(input.text).trim();
      return text === "" ? refuse("/text", "Write something.") : { part: { type: "text", text } };
    }
    case "file":
      return readFilePart(input.file_id, files);
    case "file-reference": {
      const name = wellFormed(input.file_name).trim();
      if (name === "") return refuse("/file_name", "Name the file.");
      return {
        part: {
          type: "file-reference",
          file_name: name,
          start_line: input.start_line,
          end_line: input.end_line,
          content: input.content === undefined ? undefined : wellFormed(input.content),
        },
      };
    }
  }
}

/** Id and type come from the file itself, whatever else was sent. */
function readFilePart(fileId: string | undefined, files: Files): ReadPart {
  if (fileId === undefined) return refuse("/file_id", "Name the file by the id that its upload answered.");
  const file = files.get(fileId);
  if (file === undefined) return refuse("/file_id", "There is no such file, or it is not yours. Upload it again.");
  const { name, mediaType } = file;
  return {
    part: { type: "file", file_id: fileId, media_type: mediaType, ...(name === "" ? {} : { file_name: name }) },
  };
}

/** JSON can carry half of a surrogate pair, which neither UTF-8 nor a provider takes: it becomes U+FFFD. */
function wellFormed(text: string | undefined): string {
  return (text ?? "").toWellFormed();
}

function refuse(pointer: string, detail: string): ReadPart {
  return { refused: { pointer, detail } };
}

function invalidContent(errors: ProblemError[]): Problem {
  return new Problem(400, "The message is not valid.", {
    detail: errors.map((error) => error.detail).join(" "),
    errors,
  });
}

function tooLong(bytes: number): Problem {
  const megabytes = (bytes / 1_000_000).toFixed(1);
  const detail = `A message holds at most 1 MB, and this one has ${megabytes} MB. Put the text into a file of the workspace and name the file.`;
  return new Problem(413, "The message is too long.", { detail, errors: [{ pointer: "/content", detail }] });
}
