import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { startOf } from "./process-start.ts";
import { say, wordsOf } from "./say.ts";

const processRecord = z.object({
  id: z.string(),
  command: z.string(),
  pid: z.int().positive(),
  /** Of the process with that number; tells whether it is still the same one. */
  start: z.string().min(1),
  started_at: z.int(),
});
export type ProcessRecord = z.infer<typeof processRecord>;

/** Writes down which process a command runs in, so that the next boot of the agent finds it again. */
export async function recordProcess(folder: string, process: Omit<ProcessRecord, "start">): Promise<void> {
  const start = await startOf(process.pid);
  if (start === "") return; // It has ended already.
  await writeFile(recordPath(folder, process.id), JSON.stringify({ ...process, start }), { mode: 0o600, flag: "wx" });
}

/** The commands of earlier boots that still run. Records of the others go. */
export async function survivingProcesses(folder: string): Promise<ProcessRecord[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json"));
  const found = await Promise.all(names.map((name) => readSurvivor(join(folder, name))));
  return found.filter((record) => record !== null).sort((a, b) => a.started_at - b.started_at);
}

async function readSurvivor(path: string): Promise<ProcessRecord | null> {
  try {
    const record = processRecord.parse(JSON.parse(await readFile(path, "utf8")));
    if ((await startOf(record.pid)) === record.start) return record;
  } catch (error) {
    say(`${path} cannot be read: ${wordsOf(error)}`); // Cut off by a crash: the process then is not found again.
  }
  await rm(path, { force: true });
  return null;
}

function recordPath(folder: string, id: string): string {
  return join(folder, `${id}.json`);
}
