/** What file systems, and the reference API, take as a name. */
const NAME_MAX_BYTES = 255;

/**
 * The name that a `Content-Disposition` header gives a file (RFC 6266); empty when it gives none.
 * `filename*` goes first, folders and control characters go away, and a long name is cut between
 * characters.
 */
export function readFileName(header: string | null): string {
  if (header === null) return "";
  const extended = /(?:^|;)\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(header)?.[1];
  const name = (extended === undefined ? null : percentDecoded(extended)) ?? plainName(header);
  return shortened(cleaned(name));
}

function plainName(header: string): string {
  const found = /(?:^|;)\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(header);
  return found?.[1]?.replaceAll(/\\(.)/g, "$1") ?? found?.[2] ?? "";
}

/** Null for what is no percent-encoded UTF-8. */
function percentDecoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

function cleaned(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  return last
    .replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, "")
    .toWellFormed()
    .trim();
}

function shortened(name: string): string {
  const encoder = new TextEncoder();
  let bytes = 0;
  let kept = "";
  for (const character of name) {
    bytes += encoder.encode(character).byteLength;
    if (bytes > NAME_MAX_BYTES) break;
    kept += character;
  }
  return kept;
}

/** The `Content-Disposition` of an answer: plain letters for old clients, and the name as it is. */
export function contentDisposition(kind: "inline" | "attachment", name: string): string {
  if (name === "") return kind;
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, "_");
  const exact = encodeURIComponent(name).replaceAll(/['()*]/g, percentEncoded);
  return `${kind}; filename="${plain}"; filename*=UTF-8''${exact}`;
}

/** RFC 8187 lets fewer characters stand than `encodeURIComponent` does. */
function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
