import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { RPC_FRAME_MAX_BYTES, type GitBranch } from "../../src/contract/workspace.ts";
import { startBench } from "./support/agent.ts";
import { eventually } from "./support/eventually.ts";
import type { TestRelay } from "./support/relay.ts";

const CHAT = "01890000-0000-7000-8000-000000000001";
let lastCall = 0;

function git(folder: string, ...args: string[]): string {
  const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"];
  const env = { PATH: process.env["PATH"], HOME: folder, GIT_CONFIG_NOSYSTEM: "1" };
  return execFileSync("git", [...identity, ...args], { cwd: folder, env, encoding: "utf8", stdio: "pipe" });
}

/** A repository with one commit. */
async function repository(folder: string, origin: string | null = "https://github.com/acme/app.git"): Promise<string> {
  await mkdir(folder, { recursive: true });
  git(folder, "init", "-q");
  if (origin !== null) git(folder, "remote", "add", "origin", origin);
  await writeFile(join(folder, "a.txt"), "one\ntwo\nthree\n");
  git(folder, "add", ".");
  git(folder, "commit", "-qm", "first");
  return folder;
}

async function run(relay: TestRelay, command: string, more: object = {}, chatId = CHAT): Promise<string> {
  const callId = `${chatId}/1/${++lastCall}`;
  await relay.call(callId, "execute", { command, ...more });
  return callId;
}

function reported(relay: TestRelay, branch: string): Promise<GitBranch> {
  return eventually(() => relay.branches.find((report) => report.branch === branch));
}

describe("the branch of a chat's work", () => {
  it("is reported when it changes, with the call that shows whose it is, and not again", async () => {
    const { relay, sandbox } = await startBench();
    await repository(sandbox.work);
    const callId = await run(relay, "true");
    expect(await reported(relay, "main")).toEqual({
      call_id: callId,
      reply_to: `to ${callId}`,
      path: sandbox.work,
      branch: "main",
      remote_origin: "https://github.com/acme/app.git",
    });
    await run(relay, "echo nothing");
    await run(relay, "git checkout -qb feature/with/slashes");
    await reported(relay, "feature/with/slashes");
    expect(relay.branches.map(({ branch }) => branch)).toEqual(["main", "feature/with/slashes"]);
  });

  it("is reported when a command in the background has switched it", async () => {
    const { relay, sandbox } = await startBench();
    await repository(sandbox.work);
    await run(relay, "sleep 0.6; git checkout -qb later", { run_in_background: true });
    await reported(relay, "later");
  });

  it("is that of the folder that a command enters, or of the file that was written", async () => {
    const { relay, sandbox } = await startBench();
    await repository(join(sandbox.work, "one"), "git@github.com:acme/one.git");
    await repository(join(sandbox.work, "two"), "ssh://git@github.com/acme/two");
    await run(relay, "cd one && git checkout -qb of-one");
    expect(await reported(relay, "of-one")).toMatchObject({ remote_origin: "git@github.com:acme/one.git" });
    await relay.call(`${CHAT}/1/${++lastCall}`, "write_file", { path: "two/b.txt", content: "b\n" });
    expect(await reported(relay, "main")).toMatchObject({
      path: join(sandbox.work, "two"),
      remote_origin: "ssh://git@github.com/acme/two",
    });
    // One that the chat touched before is looked at again, wherever the next command runs.
    await run(relay, "git -C one checkout -qb from-afar");
    await reported(relay, "from-afar");
  });

  it("is that of a repository which a command makes or enters on its way", async () => {
    const { relay, sandbox } = await startBench();
    await repository(sandbox.work);
    await repository(join(sandbox.root, "origin"));
    const shop = "git remote set-url origin https://github.com/acme/shop";
    await run(
      relay,
      `mkdir -p made && git clone -q ../origin made/shop; cd made && cd shop; ${shop} && git checkout -qb new`,
    );
    expect(await reported(relay, "new")).toMatchObject({
      path: join(sandbox.work, "made/shop"),
      remote_origin: "https://github.com/acme/shop",
    });
    await repository(join(sandbox.work, "other"), "https://github.com/acme/other");
    await run(relay, "echo so && git -C other checkout -qb from-outside");
    await reported(relay, "from-outside");
  });

  it("never carries a password or a token", async () => {
    const { relay, sandbox } = await startBench();
    await repository(sandbox.work, "https://ada:s3cret@github.com/acme/app.git?token=s3cret");
    await run(relay, "true");
    expect((await reported(relay, "main")).remote_origin).toBe("https://github.com/acme/app.git");
    expect(JSON.stringify(await relay.changes(CHAT))).not.toContain("s3cret");
  });

  it("is that of the worktree, and of the submodule, that was worked in", async () => {
    const { relay, sandbox } = await startBench();
    const main = await repository(join(sandbox.work, "main"));
    git(main, "worktree", "add", "-qb", "in-worktree", join(sandbox.work, "tree"));
    await run(relay, "true", { workdir: "tree" });
    expect(await reported(relay, "in-worktree")).toMatchObject({ path: join(sandbox.work, "tree") });

    const library = await repository(join(sandbox.root, "library"));
    git(main, "-c", "protocol.file.allow=always", "submodule", "add", "-q", library, "lib");
    git(join(main, "lib"), "remote", "set-url", "origin", "https://github.com/acme/lib");
    git(join(main, "lib"), "checkout", "-qb", "in-submodule");
    await run(relay, "true", { workdir: "main/lib" });
    expect(await reported(relay, "in-submodule")).toMatchObject({
      path: join(main, "lib"),
      remote_origin: "https://github.com/acme/lib",
    });
  });

  it("is none while no branch is checked out, outside of a repository, without a remote, or without git", async () => {
    const { relay, sandbox, startAgent, agent } = await startBench();
    await run(relay, "true");
    const work = await repository(sandbox.work, null);
    await run(relay, "true");
    git(work, "checkout", "-q", "--detach");
    git(work, "remote", "add", "origin", "https://github.com/acme/app");
    await run(relay, "true");
    await sleep(1_000);
    expect(relay.branches).toEqual([]);

    git(work, "checkout", "-q", "main");
    await agent.stop();
    await mkdir(join(sandbox.root, "bin"));
    const noGit = startAgent({ PATH: join(sandbox.root, "bin"), SHELL: "/bin/bash" });
    await relay.connected(2);
    await run(relay, "echo still works");
    expect(await relay.changes(CHAT)).toEqual([]);
    await sleep(500);
    expect(relay.branches).toEqual([]);
    expect(noGit.said).not.toContain("git");
  });

  it("is said when there is a connection again", async () => {
    const { relay, sandbox } = await startBench();
    await repository(sandbox.work);
    await relay.start(`${CHAT}/1/${++lastCall}`, "execute", { command: "sleep 1; git checkout -qb offline" });
    relay.refuses = 503;
    relay.drop();
    await sleep(2_000);
    relay.refuses = null;
    await reported(relay, "offline");
  });

  it("runs nothing that the repository's settings name", async () => {
    const { relay, sandbox } = await startBench();
    const work = await repository(sandbox.work);
    const trap = join(sandbox.root, "trap.sh");
    await writeFile(trap, `#!/bin/sh\ntouch ${join(sandbox.root, "sprung")}\n`, { mode: 0o755 });
    const filters = ["filter.a.clean", "filter.a.process", "filter.b c.clean"];
    for (const setting of ["core.fsmonitor", "core.askPass", "diff.external", "core.pager", ...filters])
      git(work, "config", setting, trap);
    git(work, "config", "filter.a.required", "true");
    await writeFile(join(work, ".git", "info", "attributes"), 'a.txt filter=a\n* "filter=b c"\n');
    await writeFile(join(work, "a.txt"), "changed\n");
    await relay.call(`${CHAT}/1/${++lastCall}`, "write_file", { path: "b.txt", content: "b\n" });
    await reported(relay, "main");
    expect((await relay.changes(CHAT))[0]).toMatchObject({ changed_files: 2 });
    expect(execFileSync("ls", [sandbox.root], { encoding: "utf8" })).not.toContain("sprung");
  });
});

describe("local changes", () => {
  it("are those of the agent's directory until the chat has touched a repository", async () => {
    const { relay, sandbox } = await startBench();
    await repository(sandbox.work);
    await repository(join(sandbox.work, "inner"), null);
    expect((await relay.changes(CHAT)).map(({ path }) => path)).toEqual([sandbox.work]);
    await run(relay, "true", { workdir: "inner" });
    await eventually(async () => (await relay.changes(CHAT))[0]?.path === join(sandbox.work, "inner"));
    expect((await relay.changes("another chat")).map(({ path }) => path)).toEqual([sandbox.work]);
  });

  it("are what differs from HEAD, files that git does not know among it", async () => {
    const { relay, sandbox } = await startBench();
    const work = await repository(sandbox.work);
    await writeFile(join(sandbox.root, "secret"), "hidden words\n");
    await writeFile(join(work, ".gitignore"), "ignored\n");
    await writeFile(join(work, "ignored"), "x\n");
    await writeFile(join(work, "a.txt"), "one\n2\nthree\n");
    await writeFile(join(work, 'no "end'), "last line");
    await writeFile(join(work, "picture.png"), Buffer.from([1, 0, 2]));
    await symlink(join(sandbox.root, "secret"), join(work, "link"));
    await mkdir(join(work, "dir"));
    await writeFile(join(work, "dir", "new.txt"), "n\n");
    const [found] = await relay.changes(CHAT);
    expect(found).toMatchObject({
      path: work,
      branch: "main",
      remote_origin: "https://github.com/acme/app.git",
      truncated: false,
      deletions: 1,
      changed_files: 6,
    });
    const diff = found?.diff ?? "";
    expect(diff).toContain("-two\n+2\n");
    expect(diff).toContain('+++ "b/no \\"end"\n@@ -0,0 +1 @@\n+last line\n\\ No newline at end of file\n');
    expect(diff).toContain("Binary files /dev/null and b/picture.png differ\n");
    expect(diff).toContain("new file mode 120000\n");
    expect(diff).toContain("+++ b/dir/new.txt\n");
    expect(diff).not.toContain("hidden words");
    expect(diff).not.toContain("b/ignored");
    // What is said is a diff: git takes it.
    git(work, "stash", "-qu");
    await writeFile(join(sandbox.root, "p.diff"), diff.replace(/diff --git a\/picture[^]*?differ\n/, ""));
    git(work, "apply", "--check", join(sandbox.root, "p.diff"));
  });

  it("of a repository without a commit are all of its files", async () => {
    const { relay, sandbox } = await startBench();
    git(sandbox.work, "init", "-q");
    await writeFile(join(sandbox.work, "first.txt"), "1\n");
    git(sandbox.work, "add", ".");
    await writeFile(join(sandbox.work, "second.txt"), "2\n");
    expect((await relay.changes(CHAT))[0]).toMatchObject({ branch: "main", additions: 2, changed_files: 2 });
  });

  it("are cut at a line where they would fill more than a frame, and say so", async () => {
    const { relay, sandbox } = await startBench();
    // Control characters take six times their room in JSON.
    const wide = `${"\u0001".repeat(200)}\n`.repeat(4_000);
    for (const name of ["one", "two", "three", "four", "five", "six"]) {
      const folder = await repository(join(sandbox.work, name));
      await writeFile(join(folder, "a.txt"), wide);
      await run(relay, "true", { workdir: name });
    }
    const found = await eventually(async () => {
      const changes = await relay.changes(CHAT);
      return changes[0]?.path.endsWith("six") && changes;
    });
    expect(found).toHaveLength(5);
    expect(Buffer.byteLength(JSON.stringify(found))).toBeLessThan(RPC_FRAME_MAX_BYTES);
    for (const { diff, truncated, additions } of found) {
      expect({ truncated, additions, ended: diff.endsWith("\n") }).toEqual({
        truncated: true,
        additions: 4_000,
        ended: true,
      });
      expect(diff.length).toBeGreaterThan(10_000);
    }
  });
});
