import type { FileChangeResult } from "../contract/tools.ts";
import { unifiedDiff } from "./diff.ts";
import { firstBytes } from "./text-window.ts";

const DIFF_MAX_BYTES = 48 * 1024; // A person reads this much at most; a result may carry several files.
const RESULT_DIFFS_MAX_BYTES = 192 * 1024;

export interface FileChange {
  path: string;
  /** "none": the file is new. "binary": it was there, but is no text. */
  before: { text: string } | "none" | "binary";
  after: string;
}

/** What a tool that changed files answers, with diffs small enough for one frame. */
export function fileChangeResult(changes: FileChange[]): FileChangeResult {
  let room = RESULT_DIFFS_MAX_BYTES;
  const files = changes.map((change) => {
    const { diff, additions, deletions } = diffOf(change);
    const kept = cut(diff, Math.min(DIFF_MAX_BYTES, room));
    room -= Buffer.byteLength(kept);
    return { path: change.path, diff: kept, additions, deletions };
  });
  return { ok: true, files };
}

function diffOf({ path, before, after }: FileChange) {
  if (before !== "binary") return unifiedDiff(path, before === "none" ? null : before.text, after);
  return { ...unifiedDiff(path, null, after), diff: `Binary files a/${path} and b/${path} differ\n` };
}

function cut(diff: string, bytes: number): string {
  if (Buffer.byteLength(diff) <= bytes) return diff;
  const kept = firstBytes(diff, Math.max(0, bytes));
  return `${kept.slice(0, kept.lastIndexOf("\n") + 1)}[… the rest of the diff is left out …]\n`;
}
