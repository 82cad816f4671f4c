import { constants } from "node:fs";
import { lstat, open, readlink } from "node:fs/promises";
import { join } from "node:path";

const FILE_MAX_BYTES = 512 * 1024; // As much as a whole answer has room for.
const BINARY_LOOK_BYTES = 8_000; // As git does: a NUL in here and it is no text.
const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

export interface AddedFile {
  diff: string;
  additions: number;
}

/** A file that git does not know, as a diff that adds it. Null when it is gone, or nothing that git would take. */
export async function addedFile(top: string, path: string): Promise<AddedFile | null> {
  const place = join(top, path);
  try {
    const found = await lstat(place);
    if (found.isSymbolicLink()) return added(path, "120000", Buffer.from(await readlink(place)));
    if (!found.isFile()) return null;
    const mode = (found.mode & 0o111) === 0 ? "100644" : "100755";
    if (found.size > FILE_MAX_BYTES) return binary(path, mode);
    // Should it have become a link or a pipe meanwhile, it is neither followed nor waited for.
    const file = await open(place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      return added(path, mode, await file.readFile());
    } finally {
      await file.close();
    }
  } catch {
    return null; // Gone since git listed it, or not ours to read: nothing to show.
  }
}

function added(path: string, mode: string, content: Buffer): AddedFile {
  if (content.subarray(0, BINARY_LOOK_BYTES).includes(0)) return binary(path, mode);
  const text = content.toString("utf8");
  const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n");
  if (lines.length === 0) return { diff: header(path, mode), additions: 0 };
  const hunk = `@@ -0,0 +1${lines.length === 1 ? "" : `,${lines.length}`} @@\n`;
  const body = lines.map((line) => `+${line}\n`).join("");
  const end = text.endsWith("\n") ? "" : "\\ No newline at end of file\n";
  return {
    diff: `${header(path, mode)}--- /dev/null\n+++ ${quoted(`b/${path}`)}\n${hunk}${body}${end}`,
    additions: lines.length,
  };
}

/** Also what is too long to show: named only. */
function binary(path: string, mode: string): AddedFile {
  return {
    diff: `${header(path, mode)}Binary files /dev/null and ${quoted(`b/${path}`)} differ\n`,
    additions: 0,
  };
}

function header(path: string, mode: string): string {
  return `diff --git ${quoted(`a/${path}`)} ${quoted(`b/${path}`)}\nnew file mode ${mode}\n`;
}

/** As git writes a name that a line of a diff could not hold as it is. */
function quoted(name: string): string {
  if (!/["\\\p{Cc}]/u.test(name)) return name;
  const escaped = name.replaceAll(/["\\]/g, "\\$&").replaceAll(/\p{Cc}/gu, octal);
  return `"${escaped}"`;
}

function octal(sign: string): string {
  const short: Record<string, string> = { "\n": "\\n", "\t": "\\t", "\r": "\\r" };
  return short[sign] ?? [...Buffer.from(sign)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}
