import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { splitDiff } from "../../../web/src/git/changed-files.ts";

/** What git itself says after `change` in a fresh repository that holds `files`. */
function diffOf(files: Record<string, string>, change: (folder: string) => void): string {
  const folder = mkdtempSync(join(tmpdir(), "tideline-diff-"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], { cwd: folder, encoding: "utf8" });
  try {
    git("init", "-q");
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    git("add", "-A");
    git("commit", "-qm", "first");
    change(folder);
    git("add", "-A");
    return git("diff", "--cached", "-M");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const many = Array.from({ length: 30 }, (_, line) => `line ${line}`).join("\n");

describe("a diff of several files", () => {
  it("is taken apart as git means it", () => {
    const diff = diffOf(
      { "src/kept.ts": `${many}\n`, "gone.txt": "a\nb\n", "old name.md": many, "pic.bin": "\0\x01" },
      (folder) => {
        writeFileSync(join(folder, "src/kept.ts"), `${many.replace("line 3", "line three")}\nlast\n`);
        rmSync(join(folder, "gone.txt"));
        renameSync(join(folder, "old name.md"), join(folder, "new name.md"));
        writeFileSync(join(folder, "pic.bin"), "\0\x02");
        writeFileSync(join(folder, 'añadido "x".txt'), "new\n");
      },
    );
    const files = splitDiff(diff);
    expect(files.map((file) => Object.fromEntries(Object.entries(file).filter(([key]) => key !== "diff")))).toEqual([
      { path: 'añadido "x".txt', oldPath: null, change: "added", binary: false, additions: 1, deletions: 0 },
      { path: "gone.txt", oldPath: null, change: "deleted", binary: false, additions: 0, deletions: 2 },
      { path: "new name.md", oldPath: "old name.md", change: "renamed", binary: false, additions: 0, deletions: 0 },
      { path: "pic.bin", oldPath: null, change: "modified", binary: true, additions: 0, deletions: 0 },
      { path: "src/kept.ts", oldPath: null, change: "modified", binary: false, additions: 2, deletions: 1 },
    ]);
  });

  it("does not take lines of a file for heads, whatever they say", () => {
    const hostile = "diff --git a/x b/x\n--- a/evil\n+++ b/evil\n@@ -1,1 +1,1 @@\nrename to nowhere\n";
    const diff = diffOf({ "a.txt": hostile, "b.txt": "b\n" }, (folder) => {
      writeFileSync(join(folder, "a.txt"), `-- a/evil\n${hostile}++ b/evil\n`);
      writeFileSync(join(folder, "b.txt"), "c\n");
    });
    const files = splitDiff(diff);
    expect(files.map(({ path, additions, deletions }) => [path, additions, deletions])).toEqual([
      ["a.txt", 2, 0],
      ["b.txt", 1, 1],
    ]);
    expect(files[0]?.diff).toContain("+++ b/evil");
  });

  it("is nothing of nothing, and stands a diff that was cut off", () => {
    expect(splitDiff("")).toEqual([]);
    const cut = diffOf({ "a.txt": many }, (folder) => writeFileSync(join(folder, "a.txt"), "short"));
    for (let end = 0; end < cut.length; end += 7) expect(splitDiff(cut.slice(0, end)).length).toBeLessThanOrEqual(1);
  });
});
