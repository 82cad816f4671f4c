import { readdirSync, readFileSync } from "node:fs";
import { watch, type Contestant } from "../contestants/contestant.ts";

/** Processes of a `wrangler dev`'s group that are workerd. */
export function workerdProcesses(group: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const [name, rest] = statOf(pid);
      return name === "workerd" && Number(rest[2]) === group;
    });
}

function statOf(pid: number): [name: string, rest: string[]] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = text.lastIndexOf(")");
    return [text.slice(text.indexOf("(") + 1, end), text.slice(end + 2).split(" ")];
  } catch {
    // It ended between the listing and the look.
    return ["", []];
  }
}

/** Nanoseconds of CPU that a group's workerd has used, over all of its threads. */
export function cpuOf(group: number): number {
  return workerdProcesses(group)
    .flatMap((pid) => readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}/schedstat`))
    .reduce((sum, path) => sum + Number(readFileSync(path, "utf8").split(" ")[0]), 0);
}

function megabytesOf(group: number): number {
  return workerdProcesses(group)
    .map((pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024)
    .reduce((sum, megabytes) => sum + megabytes, 0);
}

const SAMPLE_MS = 50;
const TOKEN_SIZE = 100;

/** Megabytes by which the server grows while so many sockets of one chat read nothing of several long answers. */
export async function slowReaders(
  contestant: Contestant,
  group: number,
  sockets: number,
  turns: number,
  tokens: number,
): Promise<number> {
  const room = await contestant.open();
  const join = async () => {
    const [viewer] = await watch(contestant, room);
    if (viewer === undefined) throw new Error("Nobody watches.");
    return viewer;
  };
  let asker = await join();
  const turn = async () => {
    await contestant.prepare(room);
    asker.reset();
    await contestant.ask(room, { tokens, size: TOKEN_SIZE }, asker);
    // One that reads may be too slow among so many, too. It comes back, and is greeted when the turn is over.
    await asker
      .until(() => asker.ended)
      .catch(async () => {
        asker = await join();
      });
  };
  // What the answers themselves need is there before anybody reads slowly.
  await turn();
  const before = megabytesOf(group);
  let most = before;
  const sampling = setInterval(() => {
    most = Math.max(most, megabytesOf(group));
  }, SAMPLE_MS);
  const slow = await watch(contestant, room, sockets);
  for (const viewer of slow) viewer.socket.pause();
  for (let count = 0; count < turns; count++) await turn();
  clearInterval(sampling);
  for (const viewer of slow) viewer.socket.terminate();
  await asker.close();
  return most - before;
}
