/** A unified diff of several files, as git writes it, taken apart file by file. */

export type FileChange = "added" | "modified" | "deleted" | "renamed";

export interface ChangedFile {
  /** Where it is now; of a deleted one, where it was. */
  readonly path: string;
  /** Where it was, of a renamed one. */
  readonly oldPath: string | null;
  readonly change: FileChange;
  readonly binary: boolean;
  readonly additions: number;
  readonly deletions: number;
  /** Its hunks alone. */
  readonly diff: string;
}

export function splitDiff(diff: string): ChangedFile[] {
  const files: ChangedFile[] = [];
  let open: OpenFile | null = null;
  const close = (): void => {
    if (open !== null) files.push(closed(open));
    open = null;
  };
  for (const line of diff.replace(/\n$/, "").split("\n")) {
    // A line of a hunk may say "diff --git", too: only outside of one is it a head.
    const inHunk: boolean = open !== null && (open.beforeLeft > 0 || open.afterLeft > 0);
    if (!inHunk && line.startsWith("diff --git ")) {
      close();
      open = newFile(line);
    } else if (open !== null) {
      readLine(open, line, inHunk);
    }
  }
  close();
  return files;
}

interface OpenFile {
  before: string | null;
  after: string | null;
  change: FileChange;
  binary: boolean;
  additions: number;
  deletions: number;
  lines: string[];
  beforeLeft: number;
  afterLeft: number;
}

function newFile(head: string): OpenFile {
  const [before, after] = headPaths(head.slice("diff --git ".length));
  return {
    before,
    after,
    change: "modified",
    binary: false,
    additions: 0,
    deletions: 0,
    lines: [],
    beforeLeft: 0,
    afterLeft: 0,
  };
}

const hunkHead = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/;

function readLine(file: OpenFile, line: string, inHunk: boolean): void {
  if (inHunk) {
    file.lines.push(line);
    if (line.startsWith("+")) {
      file.additions += 1;
      file.afterLeft -= 1;
    } else if (line.startsWith("-")) {
      file.deletions += 1;
      file.beforeLeft -= 1;
    } else if (!line.startsWith("\\")) {
      file.beforeLeft -= 1;
      file.afterLeft -= 1;
    }
    return;
  }
  const hunk = hunkHead.exec(line);
  if (hunk !== null) {
    file.lines.push(line);
    file.beforeLeft = hunk[1] === undefined ? 1 : Number(hunk[1]);
    file.afterLeft = hunk[2] === undefined ? 1 : Number(hunk[2]);
  } else if (line.startsWith("\\") && file.lines.length > 0) file.lines.push(line);
  else if (line.startsWith("new file mode ")) file.change = "added";
  else if (line.startsWith("deleted file mode ")) file.change = "deleted";
  else if (line.startsWith("rename from ")) {
    file.change = "renamed";
    file.before = unquoted(line.slice("rename from ".length));
  } else if (line.startsWith("rename to ")) file.after = unquoted(line.slice("rename to ".length));
  else if (line.startsWith("--- ")) file.before = withoutPrefix(line.slice(4)) ?? file.before;
  else if (line.startsWith("+++ ")) file.after = withoutPrefix(line.slice(4)) ?? file.after;
  else if (line.startsWith("Binary files ") || line === "GIT binary patch") file.binary = true;
}

function closed(file: OpenFile): ChangedFile {
  const { change, binary, additions, deletions } = file;
  const path = (change === "deleted" ? file.before : file.after) ?? file.after ?? file.before ?? "";
  const oldPath = change === "renamed" ? file.before : null;
  return { path, oldPath, change, binary, additions, deletions, diff: file.lines.join("\n") };
}

/** `a/x b/x`: without quotes nothing tells where the first ends, but both are alike unless a later line says so. */
function headPaths(text: string): [string | null, string | null] {
  if (text.startsWith('"')) {
    const first = /^"(?:[^"\\]|\\.)*"/.exec(text)?.[0] ?? "";
    return [withoutPrefix(first), withoutPrefix(text.slice(first.length + 1))];
  }
  const half = (text.length - 1) / 2;
  if (Number.isInteger(half) && text[half] === " " && text.slice(2, half) === text.slice(half + 3)) {
    return [text.slice(2, half), text.slice(half + 3)];
  }
  const between = text.indexOf(" b/");
  if (between !== -1) return [withoutPrefix(text.slice(0, between)), withoutPrefix(text.slice(between + 1))];
  return [null, null];
}

/** `a/src/x` and `b/src/x` without their first letters; null for `/dev/null`. A tab ends a name with spaces. */
function withoutPrefix(text: string): string | null {
  const name = unquoted(text.replace(/\t$/, ""));
  if (name === "/dev/null") return null;
  return /^[a-z]\//.test(name) ? name.slice(2) : name;
}

const escapes: Record<string, number> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, "\\": 92 };

/** Git puts names with unusual characters into quotes, byte by byte. */
function unquoted(text: string): string {
  if (!text.startsWith('"') || !text.endsWith('"') || text.length < 2) return text;
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  const inner = text.slice(1, -1);
  for (let at = 0; at < inner.length;) {
    const octal = /^\\([0-7]{3})/.exec(inner.slice(at, at + 4));
    if (octal !== null) {
      bytes.push(Number.parseInt(octal[1] ?? "0", 8));
      at += 4;
    } else if (inner[at] === "\\") {
      bytes.push(escapes[inner[at + 1] ?? ""] ?? 63);
      at += 2;
    } else {
      const character = String.fromCodePoint(inner.codePointAt(at) ?? 0);
      bytes.push(...encoder.encode(character));
      at += character.length;
    }
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}
