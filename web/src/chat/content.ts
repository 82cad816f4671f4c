import type { InputPart, MessagePart } from "../../../src/contract/chats.ts";

/** What a person wrote, taken apart and put together again. */

type FilePart = Extract<MessagePart, { type: "file" }>;

type ReferencePart = Extract<MessagePart, { type: "file-reference" }>;

/** What was said as a whole; remarks on lines of a file stand with them. */
export function textOf(content: readonly MessagePart[]): string {
  return content
    .flatMap((part, index) => (part.type === "text" && !isRemark(content, index) ? [part.text] : []))
    .join("\n\n");
}

export interface Reference {
  readonly part: ReferencePart;
  /** What is said of these lines. */
  readonly remark: string | null;
}

export function referencesOf(content: readonly MessagePart[]): Reference[] {
  return content.flatMap((part, index) => {
    if (part.type !== "file-reference") return [];
    const next = content[index + 1];
    return [{ part, remark: next?.type === "text" ? next.text : null }];
  });
}

/** A text right after the lines that it speaks of. */
function isRemark(content: readonly MessagePart[], index: number): boolean {
  return content[index]?.type === "text" && content[index - 1]?.type === "file-reference";
}

export function filesOf(content: readonly MessagePart[]): FilePart[] {
  return content.filter((part) => part.type === "file");
}

/** The same content as it is sent. */
export function inputOf(content: readonly MessagePart[]): InputPart[] {
  return content.flatMap((part): InputPart[] => {
    switch (part.type) {
      case "text":
        return [{ type: "text", text: part.text }];
      case "file":
        return [{ type: "file", file_id: part.file_id }];
      case "file-reference":
        return [part];
      case "reasoning":
      case "tool-call":
      case "tool-result":
      case "source":
        return [];
    }
  });
}

/** `original` said anew: another text, other files; what it refers to in the workspace stays. */
export function editedInput(
  original: readonly MessagePart[],
  text: string,
  files: readonly { readonly fileId: string }[],
): InputPart[] {
  const references = original.filter((part, index) => part.type === "file-reference" || isRemark(original, index));
  return [...newInput(text, files), ...inputOf(references)];
}

export function newInput(text: string, files: readonly { readonly fileId: string }[]): InputPart[] {
  return [
    ...(text.trim() === "" ? [] : [{ type: "text" as const, text: text.trim() }]),
    ...files.map((file) => ({ type: "file" as const, file_id: file.fileId })),
  ];
}

/** One line about a message: its text, or what it brings instead. */
export function gist(content: readonly MessagePart[]): string {
  const text = textOf(content).trim().replaceAll(/\s+/g, " ");
  if (text !== "") return text;
  const files = filesOf(content).length;
  if (files > 0) return files === 1 ? "One attached file" : `${files} attached files`;
  const reference = content.find((part) => part.type === "file-reference");
  return reference?.file_name ?? "An empty message";
}
