import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fileChangeResult, readFileResult } from "../../src/contract/tools.ts";
import { startBench, type Sandbox } from "./support/agent.ts";
import type { TestRelay } from "./support/relay.ts";

let lastCall = 0;

function call(relay: TestRelay, tool: string, args: Record<string, unknown>) {
  return relay.call(`files/1/${++lastCall}`, tool, args);
}

async function read(relay: TestRelay, args: Record<string, unknown>) {
  return readFileResult.parse((await call(relay, "read_file", args)).result);
}

/** What a call answers that must not succeed. */
async function refusal(relay: TestRelay, tool: string, args: Record<string, unknown>): Promise<string> {
  const { is_error, result } = await call(relay, tool, args);
  expect(is_error).toBe(true);
  expect(result).toEqual({ error: expect.any(String) });
  return JSON.stringify(result);
}

function put({ work }: Sandbox, name: string, content: string | Buffer): Promise<void> {
  return writeFile(join(work, name), content);
}

function content({ work }: Sandbox, name: string): Promise<string> {
  return readFile(join(work, name), "utf8");
}

describe("read_file", () => {
  it("numbers lines, and pages", async () => {
    const { relay, sandbox } = await startBench();
    await put(sandbox, "a.txt", "\ufeffone\r\ntwo\n\nfour");
    expect(await read(relay, { path: "a.txt" })).toEqual({
      content: "1\tone\n2\ttwo\n3\t\n4\tfour",
      file_size: 17,
      total_lines: 4,
      lines_read: 4,
    });
    expect((await read(relay, { path: "./a.txt", offset: 2, limit: 2 })).content).toBe("2\ttwo\n3\t");
    expect(await refusal(relay, "read_file", { path: "a.txt", offset: 5 })).toContain("has 4 lines");
    await put(sandbox, "empty", "");
    expect(await read(relay, { path: "empty" })).toEqual({ content: "", file_size: 0, total_lines: 0, lines_read: 0 });
  });

  it("keeps to 2000 lines, 32 KiB, and 1024 bytes a line", async () => {
    const { relay, sandbox } = await startBench();
    await put(sandbox, "short", "x\n".repeat(5000));
    expect(await read(relay, { path: "short" })).toMatchObject({ total_lines: 5000, lines_read: 2000 });
    await put(sandbox, "wide", `${"é".repeat(3000)}\n`.repeat(100));
    const wide = await read(relay, { path: "wide" });
    expect(Buffer.byteLength(wide.content)).toBeLessThanOrEqual(32 * 1024);
    expect(wide.content.split("\n")[0]).toBe(`1\t${"é".repeat(512)}… [line cut]`);
    expect(wide.lines_read).toBe(wide.content.split("\n").length);
    expect(wide.lines_read).toBeGreaterThan(25);
  });

  it("refuses what is no text file, without waiting for pipes", async () => {
    const { relay, sandbox } = await startBench();
    await put(sandbox, "image", Buffer.from([0x89, 0x50, 0, 1]));
    await put(sandbox, "latin", Buffer.from([0x66, 0xfc, 0x72]));
    await put(sandbox, "huge", Buffer.alloc(10 * 1024 * 1024 + 1, 97));
    await call(relay, "execute", { command: "mkfifo pipe" });
    expect((await stat(join(sandbox.work, "pipe"))).isFIFO()).toBe(true);
    for (const [path, why] of [
      ["image", "not a text file"],
      ["latin", "not a text file"],
      ["huge", "too large"],
      ["pipe", "not a regular file"],
      [".", "is a folder"],
      ["none", "no such file"],
      ["image/x", "not a folder"],
      ["a\0b", "NUL"],
      ["n".repeat(300), "too long"],
    ]) {
      expect(await refusal(relay, "read_file", { path })).toContain(why);
    }
  });
});

describe("file tools", () => {
  it("stay inside the workspace, whatever leads out of it", async () => {
    const { relay, sandbox } = await startBench();
    const { root, work, home } = sandbox;
    await writeFile(join(root, "secret"), "secret");
    await mkdir(join(root, "work-too"));
    await writeFile(join(root, "work-too", "secret"), "secret");
    await mkdir(join(work, "sub"));
    await symlink(join(root, "secret"), join(work, "link"));
    await symlink("../../secret", join(work, "sub", "relative"));
    await symlink(root, join(work, "folder"));
    await symlink("folder", join(work, "twice"));
    await symlink(join(root, "not-yet"), join(work, "dangling"));
    await symlink("loop", join(work, "loop"));
    const ways = [
      "../secret",
      "sub/../../secret",
      join(root, "secret"),
      join(root, "work-too", "secret"),
      "link",
      "sub/relative",
      "folder/secret",
      "twice/secret",
      "twice/new/file",
      "dangling",
      "loop",
      "~/x",
      "~",
      "/",
      "/etc/passwd",
      "/proc/self/environ",
      "/tmp/new",
    ];
    for (const path of ways) {
      const words = await refusal(relay, "read_file", { path });
      expect(words).toMatch(/outside the workspace|too many symbolic links/);
      await refusal(relay, "write_file", { path, content: "stolen" });
      await refusal(relay, "edit_files", { files: [{ path, edits: [{ search: "secret", replace: "stolen" }] }] });
    }
    expect(await readFile(join(root, "secret"), "utf8")).toBe("secret");
    expect((await readdir(root)).sort()).toEqual(["home", "secret", "state", "work", "work-too"]);
    expect(await readdir(home)).toEqual([]);
  });

  it("follow links that stay inside, and write to what they name", async () => {
    const { relay, sandbox } = await startBench();
    await mkdir(join(sandbox.work, "real"));
    await put(sandbox, "real/a", "a\n");
    await symlink("real", join(sandbox.work, "to"));
    await symlink("real/a", join(sandbox.work, "to-a"));
    await symlink("real/new", join(sandbox.work, "to-new"));
    expect((await read(relay, { path: "to/a" })).content).toBe("1\ta");
    expect((await read(relay, { path: "to/../to-a" })).content).toBe("1\ta");
    await call(relay, "write_file", { path: "to-a", content: "b\n" });
    await call(relay, "write_file", { path: "to-new", content: "n\n" });
    expect(await content(sandbox, "real/a")).toBe("b\n");
    expect(await content(sandbox, "real/new")).toBe("n\n");
    expect((await lstat(join(sandbox.work, "to-a"))).isSymbolicLink()).toBe(true);
  });

  it("may enter further folders that the person at the agent names", async () => {
    const { relay, sandbox, agent, startAgent } = await startBench();
    await agent.stop();
    await mkdir(join(sandbox.home, "notes"));
    startAgent({ TIDELINE_ROOTS: join(sandbox.home, "notes") });
    await relay.connected(2);
    const written = await call(relay, "write_file", { path: "~/notes/a.md", content: "x" });
    expect(fileChangeResult.parse(written.result).files[0]?.path).toBe(join(sandbox.home, "notes", "a.md"));
    expect(await refusal(relay, "write_file", { path: "~/a.md", content: "x" })).toContain("outside");
  });

  it("never leave by a folder that is swapped for a link in the middle", async () => {
    const { relay, sandbox } = await startBench();
    await mkdir(join(sandbox.root, "outside"));
    const swap = `mkdir -p d; while [ ! -e stop ]; do mv d kept; ln -s ${sandbox.root}/outside d; rm d; mv kept d; done`;
    await relay.start("race/1", "execute", { command: swap, timeout: "5m" });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) => call(relay, "write_file", { path: `d/f${n}`, content: "x" })),
    );
    await put(sandbox, "stop", "");
    await relay.resultOf("race/1");
    expect(answers.some((answer) => !answer.is_error)).toBe(true);
    expect(await readdir(join(sandbox.root, "outside"))).toEqual([]);
  });
});

describe("write_file", () => {
  it("makes folders on the way and shows what changed", async () => {
    const { relay, sandbox } = await startBench();
    const made = await call(relay, "write_file", { path: "a/b/c.txt", content: "one\ntwo\n" });
    expect(made.result).toEqual({
      ok: true,
      files: [
        {
          path: "a/b/c.txt",
          diff: "--- /dev/null\n+++ b/a/b/c.txt\n@@ -0,0 +1,2 @@\n+one\n+two\n",
          additions: 2,
          deletions: 0,
        },
      ],
    });
    const changed = await call(relay, "write_file", { path: "a/b/c.txt", content: "one\n2\n" });
    expect(changed.result).toMatchObject({ files: [{ additions: 1, deletions: 1 }] });
    expect(await readdir(join(sandbox.work, "a/b"))).toEqual(["c.txt"]);
  });

  it("keeps the mode, and leaves nothing behind when the path is a folder or goes through a file", async () => {
    const { relay, sandbox } = await startBench();
    await put(sandbox, "run", "#!/bin/sh\n");
    await chmod(join(sandbox.work, "run"), 0o755);
    await call(relay, "write_file", { path: "run", content: "#!/bin/sh\necho\n" });
    expect((await stat(join(sandbox.work, "run"))).mode & 0o777).toBe(0o755);
    await mkdir(join(sandbox.work, "folder"));
    expect(await refusal(relay, "write_file", { path: "folder", content: "" })).toContain("is a folder");
    expect(await refusal(relay, "write_file", { path: "run/x", content: "" })).toContain("not a folder");
    expect(await readdir(sandbox.work)).toEqual(["folder", "run"]);
  });

  it("runs writes to one path in the order of the calls, reads of it too", async () => {
    const { relay, sandbox } = await startBench();
    await symlink("same", join(sandbox.work, "alias"));
    const names = Array.from({ length: 60 }, (_, n) => `order/${n}`);
    await Promise.all(
      names.map((id, n) => relay.start(id, "write_file", { path: n % 2 ? "same" : "alias", content: `${n}\n` })),
    );
    await relay.start("order/read", "read_file", { path: "same" });
    const results = await Promise.all(names.map((id) => relay.resultOf(id)));
    for (const [n, result] of results.entries()) {
      const diff = fileChangeResult.parse(result.result).files[0]?.diff ?? "";
      expect(diff).toContain(`+${n}\n`);
      if (n > 0) expect(diff).toContain(`-${n - 1}\n`);
    }
    expect((await relay.resultOf("order/read")).result).toMatchObject({ content: "1\t59" });
    expect(await content(sandbox, "same")).toBe("59\n");
  });
});

describe("edit_files", () => {
  it("edits several files in one call", async () => {
    const { relay, sandbox } = await startBench();
    await put(sandbox, "a.js", "const a = 1;\nconst b = 2;\n");
    await put(sandbox, "b.js", "x x x\n");
    const edited = await call(relay, "edit_files", {
      files: [
        {
          path: "a.js",
          edits: [
            { search: "a = 1", replace: "a = 10" },
            { search: "b = 2", replace: "b = $&" },
          ],
        },
        { path: "b.js", edits: [{ search: "x", replace: "y", replace_all: true }] },
      ],
    });
    expect(edited.is_error).toBe(false);
    expect(edited.result).toMatchObject({
      ok: true,
      files: [
        { path: "a.js", additions: 2, deletions: 2 },
        { path: "b.js", additions: 1, deletions: 1 },
      ],
    });
    expect(await content(sandbox, "a.js")).toBe("const a = 10;\nconst b = $&;\n");
    expect(await content(sandbox, "b.js")).toBe("y y y\n");
  });

  it("writes nothing when one edit of one file does not fit, and says which and how often", async () => {
    const { relay, sandbox } = await startBench();
    await put(sandbox, "good", "one\n");
    await put(sandbox, "bad", "two two\n");
    const tried = (search: string) => ({
      files: [
        { path: "good", edits: [{ search: "one", replace: "1" }] },
        { path: "bad", edits: [{ search, replace: "2" }] },
      ],
    });
    expect(await refusal(relay, "edit_files", tried("two"))).toMatch(/bad: .* occurs 2 times/);
    expect(await refusal(relay, "edit_files", tried("three"))).toMatch(/bad: .* does not occur/);
    expect(await refusal(relay, "edit_files", tried("2"))).toContain("bad");
    expect(await refusal(relay, "edit_files", { files: [] })).toContain("files");
    expect(
      await refusal(relay, "edit_files", { files: [{ path: "none", edits: [{ search: "a", replace: "b" }] }] }),
    ).toContain("no such file");
    expect(await content(sandbox, "good")).toBe("one\n");
  });

  it("edits a file that is named twice on top of itself", async () => {
    const { relay, sandbox } = await startBench();
    await put(sandbox, "a", "one\n");
    await call(relay, "edit_files", {
      files: [
        { path: "a", edits: [{ search: "one", replace: "two" }] },
        { path: "./a", edits: [{ search: "two", replace: "three" }] },
      ],
    });
    expect(await content(sandbox, "a")).toBe("three\n");
  });
});

describe("instructions", () => {
  it("are the AGENTS.md of the person and of the repository, without comments", async () => {
    const { relay, sandbox } = await startBench();
    expect(await relay.instructions()).toMatchObject({ directory: sandbox.work, os: process.platform, files: [] });
    await put(sandbox, "Agents.md", "Use tabs.\r\n<!-- for\nus -->Run tests.\n");
    await mkdir(join(sandbox.home, ".tideline"));
    await writeFile(join(sandbox.home, ".tideline", "AGENTS.md"), "é".repeat(60_000));
    const { files } = await relay.instructions();
    expect(files.map((file) => file.path)).toEqual([
      join(sandbox.home, ".tideline", "AGENTS.md"),
      join(sandbox.work, "Agents.md"),
    ]);
    expect(files[1]?.content).toBe("Use tabs.\nRun tests.");
    expect(Buffer.byteLength(files[0]?.content ?? "")).toBe(64 * 1024);
  });

  it("do not carry a file from outside of the workspace", async () => {
    const { relay, sandbox } = await startBench();
    await writeFile(join(sandbox.root, "id_rsa"), "secret");
    await symlink("../id_rsa", join(sandbox.work, "AGENTS.md"));
    expect((await relay.instructions()).files).toEqual([]);
  });
});
