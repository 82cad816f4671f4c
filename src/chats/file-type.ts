import { fileTypes, imageTypes, textTypes, type FileType } from "../contract/files.ts";
import { Problem } from "../platform/problem.ts";

/** How the bytes of each image type begin (WHATWG MIME Sniffing, 6.1); null = any byte. */
const SIGNATURES: readonly { type: FileType; bytes: readonly (number | null)[] }[] = [
  { type: "image/png", bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { type: "image/jpeg", bytes: [0xff, 0xd8, 0xff] },
  { type: "image/gif", bytes: [0x47, 0x49, 0x46, 0x38, 0x37, 0x61] },
  { type: "image/gif", bytes: [0x47, 0x49, 0x46, 0x38, 0x39, 0x61] },
  // "RIFF", the length, "WEBP".
  { type: "image/webp", bytes: [0x52, 0x49, 0x46, 0x46, null, null, null, null, 0x57, 0x45, 0x42, 0x50] },
];
const UNDECLARED = "application/octet-stream";
/** Bytes that no text has (WHATWG MIME Sniffing, 3): all controls but tab, line ends and escape. */
const BINARY = /[\u0000-\u0008\u000b\u000e-\u001a\u001c-\u001f]/;
const SVG_ROOT = /<([\w-]{1,50}:)?svg[\s/>]/iy;
/** What may stand before the root of an XML document, and where it ends. */
const PROLOG = [
  { start: /<\?/y, end: "?>" },
  { start: /<!--/y, end: "-->" },
  { start: /<!doctype[^>[]*\[/iy, end: "]>" },
  { start: /<!doctype/iy, end: ">" },
] as const;

/**
 * The type under which a file is kept. What its header declares must be allowed, and so must be what
 * its bytes are; the bytes decide. A file without a type can only be an image, since any text looks
 * like any other. Throws a 400 Problem.
 */
export function decideFileType(declaredHeader: string | null, bytes: Uint8Array): FileType {
  const declared = (declaredHeader ?? "").split(";", 1)[0]?.trim().toLowerCase() || UNDECLARED;
  const allowed = fileTypes.find((type) => type === declared);
  if (allowed === undefined && declared !== UNDECLARED) throw unsupported(`${quoted(declared)} is not among them.`);
  const image = sniffImage(bytes);
  if (image !== null) return image;
  if (allowed === undefined) throw unsupported("The bytes are of none of these images, and no type was given.");
  if (imageTypes.some((type) => type === allowed)) throw unsupported("The bytes are of none of these images.");
  const text = readText(bytes);
  if (text === null) throw unsupported("The bytes are no text in UTF-8.");
  if (isSvg(text)) throw unsupported("SVG is not taken: it can carry scripts.");
  return allowed;
}

function sniffImage(bytes: Uint8Array): FileType | null {
  const found = SIGNATURES.find((signature) =>
    signature.bytes.every((byte, index) => byte === null || bytes[index] === byte),
  );
  return found?.type ?? null;
}

function readText(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
    return BINARY.test(text) ? null : text;
  } catch (error) {
    if (error instanceof TypeError) return null; // Not UTF-8.
    throw error;
  }
}

/** One step a piece of the prolog, since a regular expression for all of it can be made to run for ever. */
function isSvg(text: string): boolean {
  let at = skipSpace(text, 0);
  for (;;) {
    const piece = PROLOG.find(({ start }) => matchesAt(start, text, at));
    if (piece === undefined) return matchesAt(SVG_ROOT, text, at);
    const end = text.indexOf(piece.end, at);
    if (end === -1) return false;
    at = skipSpace(text, end + piece.end.length);
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (/\s/.test(text.charAt(at))) at += 1;
  return at;
}

function matchesAt(sticky: RegExp, text: string, at: number): boolean {
  sticky.lastIndex = at;
  return sticky.test(text);
}

function quoted(text: string): string {
  return `"${text.slice(0, 100)}"`;
}

function unsupported(why: string): Problem {
  const detail = `Send a PNG, JPEG, GIF or WebP image, or text as ${textTypes.join(", ")}. ${why}`;
  return new Problem(400, "Unsupported file type.", { detail, errors: [{ parameter: "Content-Type", detail: why }] });
}
