import { ToolError } from "./tool-error.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const BYTE_ORDER_MARK = "\ufeff";

/** Whether bytes are text that tools can show and edit: UTF-8 without NUL. */
export function isText(content: Buffer): boolean {
  return decoded(content) !== null;
}

/** The text of a file, byte order mark included; throws for what an edit would damage. */
export function textOf(shown: string, content: Buffer): string {
  const text = decoded(content);
  if (text === null) throw new ToolError(`${shown} is not a text file (not UTF-8, or with NUL bytes).`);
  return text;
}

export function withoutByteOrderMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

function decoded(content: Buffer): string | null {
  if (content.includes(0)) return null;
  try {
    return strict.decode(content);
  } catch {
    return null; // With `fatal`, decode throws for exactly one reason: bytes that are not UTF-8.
  }
}
