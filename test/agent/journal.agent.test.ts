import { appendFile, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { executeResult, processListResult } from "../../src/contract/tools.ts";
import { startBench, TOKEN, type Sandbox } from "./support/agent.ts";
import { eventually } from "./support/eventually.ts";
import { lives } from "./support/lives.ts";

const countRuns = "echo run >> runs";

async function runs({ work }: Sandbox): Promise<number> {
  const text = await readFile(join(work, "runs"), "utf8").catch(() => "");
  return text.split("\n").length - 1;
}

describe("a call", () => {
  it("runs once, however often and quickly it is started", async () => {
    const { relay, sandbox } = await startBench();
    const start = () => relay.start("c/1/0", "execute", { command: `${countRuns}; sleep 0.5` });
    const answers = await Promise.all([start(), start(), start()]);
    expect(answers.map((answer) => answer.state)).toEqual(["accepted", expect.any(String), expect.any(String)]);
    await relay.resultOf("c/1/0");
    expect((await start()).state).toMatch(/done|acknowledged/);
    await eventually(async () => (await start()).state === "acknowledged");
    expect(await runs(sandbox)).toBe(1);
  });

  it("is known through its states, and unknown before", async () => {
    const { relay } = await startBench();
    relay.acknowledges = false;
    expect(await relay.state("c/2/0")).toEqual({ call_id: "c/2/0", state: "unknown", boot_id: null });
    await relay.start("c/2/0", "execute", { command: "sleep 0.5" });
    expect(await relay.state("c/2/0")).toMatchObject({ state: "running", boot_id: relay.hellos[0]?.boot_id });
    await relay.resultOf("c/2/0");
    expect(await relay.state("c/2/0")).toMatchObject({ state: "done" });
    await relay.acknowledge("c/2/0");
    expect(await relay.state("c/2/0")).toMatchObject({ state: "acknowledged" });
  });

  it("that was cancelled before it came never runs, also after a crash", async () => {
    const { relay, sandbox, agent, startAgent } = await startBench();
    expect((await relay.cancel("c/3/0")).state).toBe("cancelled");
    expect((await relay.start("c/3/0", "execute", { command: countRuns })).state).toBe("cancelled");
    await agent.kill();
    startAgent();
    await relay.connected(2);
    expect((await relay.start("c/3/0", "execute", { command: countRuns })).state).toBe("cancelled");
    await sleep(300);
    expect(await runs(sandbox)).toBe(0);
    expect(relay.results).toEqual([]);
  });

  it("that ran when the agent was killed is interrupted, and is not run again", async () => {
    const { relay, sandbox, agent, startAgent } = await startBench();
    const firstBoot = relay.hellos[0]?.boot_id;
    await relay.start("c/4/0", "execute", { command: `${countRuns}; sleep 5` });
    await eventually(async () => (await runs(sandbox)) === 1);
    await agent.kill();
    startAgent();
    await relay.connected(2);
    expect(relay.hellos[1]?.boot_id).not.toBe(firstBoot);
    expect(await relay.state("c/4/0")).toMatchObject({ state: "interrupted", boot_id: firstBoot });
    expect(await relay.start("c/4/0", "execute", { command: countRuns })).toEqual({
      state: "interrupted",
      boot_id: firstBoot,
    });
    expect((await relay.cancel("c/4/0")).state).toBe("interrupted");
    expect(await runs(sandbox)).toBe(1);
  });

  it("leaves a command that outlives a killed agent, and the next boot can follow and end it", async () => {
    const { relay, sandbox, agent, startAgent } = await startBench();
    const command = "echo before; while [ ! -e go ]; do sleep 0.1; done; echo after; sleep 300";
    await relay.start("c/14/0", "execute", { command, timeout: "5m" });
    await relay.call("c/14/1", "execute", { command: "echo gone" });
    await eventually(() => relay.outputOf("c/14/0").length > 0);
    await agent.kill();
    await writeFile(join(sandbox.work, "go"), "");
    startAgent();
    await relay.connected(2);

    const { processes } = processListResult.parse((await relay.call("c/14/2", "process_list", {})).result);
    expect(processes).toMatchObject([{ command, status: "running", exit_code: null }]);
    const process_id = processes[0]?.id;
    const follow = async (n: number) => (await relay.call(`c/14/${n}`, "process_output", { process_id })).result;
    await eventually(async () => executeResult.parse(await follow(3 + Math.random())).output === "before\nafter\n");
    await relay.call("c/14/9", "process_signal", { process_id, signal: "terminate" });
    const ended = await eventually(async () => {
      const report = executeResult.parse(await follow(10 + Math.random()));
      return report.note === undefined && report;
    });
    expect(ended).toMatchObject({ success: false, exit_code: -1, error: expect.stringContaining("not known") });
  });

  it("whose result was not acknowledged reports it again after a crash, as the boot that ran it", async () => {
    const { relay, sandbox, agent, startAgent } = await startBench();
    relay.acknowledges = false;
    const first = await relay.call("c/5/0", "execute", { command: `${countRuns}; echo hi` });
    await agent.kill();
    relay.results.length = 0;
    startAgent();
    expect(await relay.resultOf("c/5/0")).toEqual(first);
    expect(first.boot_id).toBe(relay.hellos[0]?.boot_id);
    await relay.acknowledge("c/5/0");
    relay.results.length = 0;
    relay.drop();
    await relay.connected(3);
    await sleep(300);
    expect(relay.results).toEqual([]);
    expect(await runs(sandbox)).toBe(1);
  });

  it("sends its result until it is acknowledged, without being asked", async () => {
    const { relay } = await startBench();
    relay.acknowledges = false;
    const first = await relay.call("c/6/0", "execute", { command: "true" });
    relay.results.length = 0;
    expect(await eventually(() => relay.results[0], 15_000)).toEqual(first);
    await relay.acknowledge("c/6/0");
    relay.results.length = 0;
    await sleep(11_500);
    expect(relay.results).toEqual([]);
  });

  it("goes on without a connection and brings its result, and live output from the true place", async () => {
    const { relay } = await startBench();
    const command = "echo one; sleep 1; echo two; sleep 1; echo three; sleep 1; echo four";
    await relay.start("c/7/0", "execute", { command });
    await eventually(() => relay.outputOf("c/7/0").length > 0);
    relay.drop();
    await relay.connected(2);
    const result = await relay.resultOf("c/7/0");
    expect(result.result).toMatchObject({ success: true, output: "one\ntwo\nthree\nfour\n" });
    for (const { offset, text } of relay.outputOf("c/7/0")) {
      expect("one\ntwo\nthree\nfour\n".slice(offset, offset + text.length)).toBe(text);
    }
  });

  it("with a tool or arguments that do not exist ends as an error for the model", async () => {
    const { relay } = await startBench();
    const unknown = await relay.call("c/8/0", "fly", {});
    expect(unknown).toMatchObject({ is_error: true, result: { error: "This workspace has no tool fly." } });
    for (const args of [{}, null, [], "ls", { command: 3 }, { command: "" }]) {
      const callId = `c/8/${JSON.stringify(args)}`;
      expect(await relay.call(callId, "execute", args)).toMatchObject({ is_error: true });
    }
  });
});

describe("the journal", () => {
  it("is private, and survives a line that a crash cut off", async () => {
    const { relay, sandbox, agent, startAgent } = await startBench();
    await relay.call("c/9/0", "execute", { command: countRuns });
    await eventually(async () => (await relay.state("c/9/0"))?.state === "acknowledged");
    await agent.kill();
    const path = join(sandbox.state, "journal.jsonl");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await appendFile(path, '{"type":"accepted","call":"c/9/1","re');
    startAgent();
    await relay.connected(2);
    expect(await relay.state("c/9/0")).toMatchObject({ state: "acknowledged" });
    expect(await relay.state("c/9/1")).toMatchObject({ state: "unknown" });
    await relay.call("c/9/1", "execute", { command: countRuns });
    expect(await runs(sandbox)).toBe(2);
  });

  it("drops what was acknowledged at the next start, but not that it ran", async () => {
    const { relay, sandbox, agent, startAgent } = await startBench();
    const path = join(sandbox.state, "journal.jsonl");
    await relay.call("c/10/0", "execute", { command: "seq 5000" });
    await eventually(async () => (await relay.state("c/10/0"))?.state === "acknowledged");
    const before = (await stat(path)).size;
    await agent.stop();
    startAgent();
    await relay.connected(2);
    expect(before).toBeGreaterThan(20_000);
    expect((await stat(path)).size).toBeLessThan(1000);
    expect((await relay.start("c/10/0", "execute", { command: countRuns })).state).toBe("acknowledged");
    expect(await runs(sandbox)).toBe(0);
  });

  it("that is damaged in the middle is not guessed at", async () => {
    const { relay, sandbox, agent, startAgent } = await startBench();
    await relay.call("c/11/0", "execute", { command: "true" });
    await agent.kill();
    const path = join(sandbox.state, "journal.jsonl");
    await writeFile(path, `junk\n${await readFile(path, "utf8")}`);
    const second = startAgent();
    expect(await second.exited).toBe(1);
    expect(second.said).toContain("The journal is damaged");
  });

  it("belongs to one agent at a time", async () => {
    const { relay, agent, startAgent } = await startBench();
    const second = startAgent();
    expect(await second.exited).toBe(1);
    expect(second.said).toContain(`process ${agent.child.pid}`);
    expect(relay.hellos).toHaveLength(1);
  });
});

describe("stopping the agent", () => {
  it("ends what it started and still reports how that ended", async () => {
    const { relay, sandbox, agent } = await startBench();
    await relay.start("c/12/0", "execute", { command: "echo $$ > pid; echo begun; sleep 300", timeout: "10m" });
    const background = { command: "echo $$ > background; sleep 300", run_in_background: true };
    await relay.call("c/12/1", "execute", background);
    const pids = await eventually(async () => {
      const texts = await Promise.all(
        ["pid", "background"].map((name) => readFile(join(sandbox.work, name), "utf8").catch(() => "")),
      );
      return texts.every((text) => text !== "") && texts.map(Number);
    });
    expect(await agent.stop()).toBe(0);
    expect(pids.filter(lives)).toEqual([]);
    expect(await relay.resultOf("c/12/0")).toMatchObject({
      is_error: true,
      result: { output: "begun\n", error: "Ended, because the workspace agent was stopped." },
    });
    expect(agent.said).not.toContain(TOKEN);
  });

  it("leaves them running when it is told to", async () => {
    const { relay, sandbox, agent } = await startBench({ TIDELINE_KEEP_PROCESSES: "1" });
    await relay.call("c/13/0", "execute", { command: "echo $$ > pid; exec sleep 20", run_in_background: true });
    const pid = await eventually(
      async () => Number(await readFile(join(sandbox.work, "pid"), "utf8").catch(() => "")) || null,
    );
    await agent.stop();
    expect(lives(pid)).toBe(true);
    process.kill(pid);
  });
});
