import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { executeResult, processListResult, TOOL_OUTPUT_MAX_BYTES } from "../../src/contract/tools.ts";
import { startBench, TOKEN } from "./support/agent.ts";
import { eventually } from "./support/eventually.ts";
import { lives } from "./support/lives.ts";
import type { TestRelay } from "./support/relay.ts";

let lastCall = 0;

async function execute(relay: TestRelay, args: Record<string, unknown>, tool = "execute") {
  const callId = `chat/1/${++lastCall}`;
  const answer = await relay.call(callId, tool, args);
  return { callId, isError: answer.is_error, ...executeResult.parse(answer.result) };
}

async function readPid(path: string): Promise<number> {
  return eventually(async () => Number(await readFile(path, "utf8").catch(() => "0")) || null);
}

describe("execute", () => {
  it("runs a command in the agent's directory and keeps stdout and stderr in their order", async () => {
    const { relay, sandbox } = await startBench();
    const ran = await execute(relay, { command: "pwd; for i in 1 2 3; do echo out$i; echo err$i >&2; done" });
    expect(ran.output).toBe(`${sandbox.work}\nout1\nerr1\nout2\nerr2\nout3\nerr3\n`);
    expect(ran).toMatchObject({ success: true, exit_code: 0, isError: false });
    expect(ran.background_process_id).toBeUndefined();
  });

  it("tells failure by the exit code and death by signal, neither as a tool error", async () => {
    const { relay } = await startBench();
    expect(await execute(relay, { command: "echo no; exit 3" })).toMatchObject({
      success: false,
      exit_code: 3,
      output: "no\n",
      isError: false,
    });
    const killed = await execute(relay, { command: "kill -9 $$" });
    expect(killed).toMatchObject({ success: false, exit_code: 137, isError: false, error: "Ended by SIGKILL." });
  });

  it("gives commands an environment for working alone, and no secret of the agent", async () => {
    const { relay } = await startBench({ TIDELINE_OTHER: "x", KEPT: "yes" });
    const { output = "" } = await execute(relay, { command: "env; echo stdin:; cat" });
    expect(output).not.toContain(TOKEN);
    expect(output.match(/^TIDELINE_.*/gm)).toEqual(["TIDELINE_CHAT_AGENT=true"]);
    for (const line of [
      "GIT_TERMINAL_PROMPT=0",
      "NO_COLOR=1",
      "TERM=dumb",
      "PAGER=cat",
      "GIT_PAGER=cat",
      "EDITOR=true",
    ]) {
      expect(output.split("\n")).toContain(line);
    }
    expect(output).toContain("KEPT=yes");
    expect(output.endsWith("stdin:\n")).toBe(true);
  });

  it("runs elsewhere when asked, and says when there is no such folder", async () => {
    const { relay, sandbox } = await startBench();
    await mkdir(join(sandbox.work, "sub"));
    expect((await execute(relay, { command: "pwd", workdir: "sub" })).output).toBe(`${sandbox.work}/sub\n`);
    const missing = await relay.call("chat/1/none", "execute", { command: "pwd", workdir: "none" });
    expect(missing.is_error).toBe(true);
    expect(missing.result).toEqual({ error: expect.stringContaining("no such file or folder") });
  });

  it("takes terminal sequences out of what the model and the people get", async () => {
    const { relay } = await startBench();
    const ran = await execute(relay, {
      // A command that ends before anybody can watch it has a result, but nothing live.
      command: String.raw`sleep 0.3; printf '\033[31mred\033[0m \033]52;c;aGk=\007\033]8;;http://x\033\\link\033]8;;\033\\ a\bb\n'`,
    });
    expect(ran.output).toBe("red link ab\n");
    const live = relay.outputOf(ran.callId).map((piece) => piece.text);
    expect(live.join("")).toBe("red link ab\n");
  });

  it("shows output while the command runs, with offsets that join", async () => {
    const { relay } = await startBench();
    await relay.start("chat/2/0", "execute", { command: "for i in 1 2 3; do echo tick 🌊 $i; sleep 0.3; done" });
    await eventually(() => relay.outputOf("chat/2/0").length >= 2);
    expect(relay.results).toHaveLength(0);
    await relay.resultOf("chat/2/0");
    const pieces = relay.outputOf("chat/2/0");
    let end = 0;
    for (const piece of pieces) {
      expect(piece.offset).toBe(end);
      expect(piece.reply_to).toBe("to chat/2/0");
      end += piece.text.length;
    }
    expect(pieces.map((piece) => piece.text).join("")).toBe("tick 🌊 1\ntick 🌊 2\ntick 🌊 3\n");
  });

  it("caps what the model gets at beginning and end, and keeps the whole in a private file", async () => {
    const { relay, sandbox } = await startBench();
    const ran = await execute(relay, { command: "echo first; for i in $(seq 40000); do echo é$i; done; echo last" });
    const output = ran.output ?? "";
    expect(Buffer.byteLength(output)).toBeLessThanOrEqual(TOOL_OUTPUT_MAX_BYTES);
    expect(output).not.toContain("\ufffd");
    expect(output.startsWith("first\né1\n")).toBe(true);
    expect(output.endsWith("é40000\nlast\n")).toBe(true);
    const { original_bytes, retained_bytes, omitted_bytes } = ran.truncated ?? {};
    expect(output).toContain(`[… ${omitted_bytes} bytes left out …]`);
    expect(original_bytes).toBe((retained_bytes ?? 0) + (omitted_bytes ?? 0));

    const files = (await readdir(join(sandbox.state, "output"))).filter((name) => name.endsWith(".log"));
    const kept = join(sandbox.state, "output", files[0] ?? "");
    expect((await stat(kept)).size).toBe(original_bytes);
    expect((await stat(kept)).mode & 0o777).toBe(0o600);
    expect((await stat(sandbox.state)).mode & 0o777).toBe(0o700);
    expect(ran.note).toContain(kept);
  });

  it("stops waiting at the timeout, while the command goes on and can be followed", async () => {
    const { relay, sandbox } = await startBench();
    const command = "echo begun; until [ -e go ]; do sleep 0.1; done; echo done > end; echo ended";
    const ran = await execute(relay, { command, timeout: "500ms" });
    expect(ran).toMatchObject({ success: false, exit_code: -1, output: "begun\n", isError: false });
    expect(ran.wall_duration_ms).toBeGreaterThanOrEqual(500);
    const id = ran.background_process_id ?? "";

    expect(await execute(relay, { process_id: id }, "process_output")).toMatchObject({
      success: true,
      exit_code: -1,
      note: "Still running.",
    });
    await writeFile(join(sandbox.work, "go"), "");
    await eventually(() => readFile(join(sandbox.work, "end"), "utf8").catch(() => null));
    const after = await eventually(async () => {
      const report = await execute(relay, { process_id: id }, "process_output");
      return report.exit_code === 0 ? report : null;
    });
    expect(after).toMatchObject({ success: true, output: "begun\nended\n" });
    expect(after.note).toBeUndefined();
  });

  it("refuses a timeout over an hour and one that is none", async () => {
    const { relay } = await startBench();
    for (const timeout of ["61m", "soon"]) {
      expect((await relay.call(`chat/3/${timeout}`, "execute", { command: "true", timeout })).is_error).toBe(true);
    }
  });

  it("starts in the background at once; lists, follows and ends the whole group", async () => {
    const { relay, sandbox } = await startBench();
    const command = "trap '' TERM; sh -c 'echo $$ > grandchild; sleep 300' & wait; sleep 300";
    const started = await execute(relay, { command, run_in_background: true, timeout: "5m" });
    expect(started).toMatchObject({ success: true, exit_code: -1 });
    const id = started.background_process_id ?? "";
    const grandchild = await readPid(join(sandbox.work, "grandchild"));

    const list = await relay.call("chat/4/list", "process_list", {});
    expect(processListResult.parse(list.result).processes).toMatchObject([
      { id, command, status: "running", exit_code: null },
    ]);
    const killed = await relay.call("chat/4/kill", "process_signal", { process_id: id, signal: "kill" });
    expect(killed.result).toMatchObject({ success: true });
    await eventually(() => !lives(grandchild));
    await eventually(async () => (await execute(relay, { process_id: id }, "process_output")).exit_code === 137);
    const again = await relay.call("chat/4/again", "process_signal", { process_id: id, signal: "terminate" });
    expect(again.result).toMatchObject({ success: false });
  });

  it("does not wait for what a command leaves in the background, and says that it still runs", async () => {
    const { relay, sandbox } = await startBench();
    const ran = await execute(relay, { command: "sleep 300 & echo $! > left; echo ready", timeout: "5m" });
    expect(ran).toMatchObject({ success: true, exit_code: 0, output: "ready\n" });
    expect(ran.note).toContain("still run");
    const left = await readPid(join(sandbox.work, "left"));
    await relay.call("chat/5/kill", "process_signal", { process_id: ran.background_process_id, signal: "terminate" });
    await eventually(() => !lives(left));
  });

  it("ends the group on cancel, even one that ignores SIGTERM, and keeps what it wrote", async () => {
    const { relay, sandbox } = await startBench();
    const command =
      "trap '' TERM; echo working; (trap '' TERM; sh -c 'echo $$ > inner; while :; do sleep 1; done') & wait; wait; sleep 99";
    await relay.start("chat/6/0", "execute", { command, timeout: "5m" });
    const inner = await readPid(join(sandbox.work, "inner"));
    await eventually(() => relay.outputOf("chat/6/0").length > 0);
    expect((await relay.cancel("chat/6/0")).state).toBe("cancelled");
    expect(lives(inner)).toBe(false);
    const result = await relay.resultOf("chat/6/0");
    expect(result.is_error).toBe(true);
    expect(result.result).toMatchObject({ success: false, exit_code: -1, error: "Cancelled.", output: "working\n" });
    expect((await relay.start("chat/6/0", "execute", { command })).state).toBe("cancelled");
  });

  it("bounds a flood: live output skips ahead with true offsets, and memory of it stays small", async () => {
    const { relay } = await startBench();
    const ran = await execute(relay, { command: "yes 0123456789 | head -c 30000000; echo; echo end", timeout: "1m" });
    expect(ran.truncated?.original_bytes).toBe(30_000_005);
    expect(ran.output?.endsWith("end\n")).toBe(true);
    const pieces = relay.outputOf(ran.callId);
    const last = pieces.at(-1);
    expect((last?.offset ?? 0) + (last?.text.length ?? 0)).toBe(30_000_005);
    expect(Math.max(...pieces.map((piece) => piece.text.length))).toBeLessThanOrEqual(32 * 1024);
  });

  it("runs many commands side by side", async () => {
    const { relay } = await startBench();
    // None of them ends before all have begun.
    const command = (n: number) => `touch begun-${n}; until [ $(ls begun-* | wc -l) -eq 20 ]; do sleep 0.2; done`;
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, n) => execute(relay, { command: `${command(n)}; echo ${n}`, timeout: "50s" })),
    );
    expect(all.map((ran) => ran.output)).toEqual(Array.from({ length: 20 }, (_, n) => `${n}\n`));
  });
});
