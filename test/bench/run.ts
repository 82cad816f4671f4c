// `npm run bench`: the product beside a peer and beside the bare platform, in one run on one machine.
// `BENCH_ONLY=first_token,resume` measures some figures, `BENCH_QUICK=1` looks whether it all works.
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { killGroups } from "../../src/cli/child-process.ts";
import { SentenceError } from "../../src/cli/sentence-error.ts";
import { figureGroups, type Measure, type Who } from "./figures.ts";
import { report, type Figure } from "./report.ts";
import { installPeer, makeGround, startPlain, startTideline, startUpstream, type Server } from "./servers.ts";
import type { Outcome, Target, Task } from "./task.ts";

const FIRST_PORT = Number(process.env.BENCH_PORT ?? 41_980);
/** The slowest takes half a minute on two idle cores. */
const MEASUREMENT_LIMIT_MS = 240_000;
const quick = process.env.BENCH_QUICK === "1";
const only = (process.env.BENCH_ONLY ?? "").split(",").filter((name) => name !== "");

const unknown = only.filter((name) => !(name in figureGroups));
if (unknown.length > 0) {
  console.error(`There is no figure ${unknown.join(", ")}. There are: ${Object.keys(figureGroups).join(", ")}.`);
  process.exit(1);
}
const wanted = Object.entries(figureGroups).filter(([name]) => only.length === 0 || only.includes(name));

const folder = mkdtempSync(join(tmpdir(), "tideline-bench-"));
const client = fork(join(import.meta.dirname, "client.ts"));
const clientEnded = new Promise<Outcome>((resolve) => {
  client.once("exit", (code) => resolve({ error: `The bench's client ended with ${code}.` }));
});
const servers: Server[] = [];
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    killGroups();
    client.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  });
}

try {
  const targets = await startContestants();
  const measure: Measure = async (who, measurement) => {
    const target = targets[who];
    if (target === undefined) throw new Error(`${who} was not started.`);
    const task: Task = { target, measurement };
    client.send(task);
    const outcome = await Promise.race([nextMessage(), clientEnded, tooSlow(task)]);
    if ("error" in outcome) throw new Error(outcome.error);
    // The client answers with what task.ts says for this kind of measurement.
    return outcome.value as never;
  };
  const figures: Figure[] = [];
  for (const [name, group] of wanted) {
    console.log(`Measuring ${name} (load ${loadavg()[0]?.toFixed(1)})…`);
    try {
      const measured = await group.measure(measure, quick);
      for (const { title, ours, peer, bare } of measured)
        console.log(`  ${title}: ${ours}, peer ${peer}, bare ${bare}`);
      figures.push(...measured);
    } catch (error) {
      // The others are worth having all the same.
      console.error(error);
      process.exitCode = 1;
    }
  }
  console.log(`\n${report(figures)}`);
} catch (error) {
  console.error(error instanceof SentenceError ? error.message : error);
  process.exitCode = 1;
} finally {
  client.kill();
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(folder, { recursive: true, maxRetries: 5 });
}

function nextMessage(): Promise<Outcome> {
  return new Promise((resolve) => {
    client.once("message", (outcome: Outcome) => resolve(outcome));
  });
}

async function tooSlow({ target, measurement }: Task): Promise<never> {
  await sleep(MEASUREMENT_LIMIT_MS, undefined, { ref: false });
  throw new Error(`${target.name}, ${measurement.kind}: nothing came of it in ${MEASUREMENT_LIMIT_MS / 1_000} s.`);
}

async function startContestants(): Promise<Partial<Record<Who, Target>>> {
  const needed = new Set(wanted.flatMap(([, { needs }]) => needs));
  const ground = makeGround(folder);
  const keep = <T extends Server>(server: T): T => {
    servers.push(server);
    return server;
  };
  if (needed.has("peer")) await installPeer();
  console.log("Starting…");
  const { url: upstream } = keep(await startUpstream(FIRST_PORT));
  const targets: Partial<Record<Who, Target>> = {};
  if (needed.has("ours")) {
    const { url, group, setupToken } = keep(await startTideline(ground, FIRST_PORT + 1));
    targets.ours = { name: "ours", url, group, upstream, setupToken };
  }
  for (const [name, port] of [
    ["counted", FIRST_PORT + 2],
    ["beside", FIRST_PORT + 5],
  ] as const) {
    if (!needed.has(name)) continue;
    const { url, group, setupToken } = keep(await startTideline(ground, port, { entry: "counting/worker.ts" }));
    targets[name] = { name: "ours", url, group, upstream, setupToken };
  }
  for (const [index, name] of (["peer", "bare"] as const).entries()) {
    if (!needed.has(name)) continue;
    const { url, group } = keep(await startPlain(ground, name, FIRST_PORT + 3 + index, upstream));
    targets[name] = { name, url, group, upstream, setupToken: "" };
  }
  return targets;
}
