import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { startOf } from "./process-start.ts";
import { errorCode } from "./tool-error.ts";

export class StateInUse extends Error {
  override readonly name = "StateInUse";
}

/**
 * Takes the state folder for this process. Two agents on one journal could run a call twice, since neither
 * would see what the other accepts. A lock whose process is gone, or whose number belongs to another one by
 * now, is taken over.
 */
export async function lockState(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, "agent.lock");
  const mine = `${process.pid} ${await startOf(process.pid)}`;
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await writeNew(path, mine)) return () => rm(path, { force: true });
    const holder = await readHolder(path);
    const pid = Number(holder.split(" ")[0]);
    if (pid > 0 && holder === `${pid} ${await startOf(pid)}`) {
      throw new StateInUse(`An agent for this workspace runs here already (process ${pid}).`);
    }
    await rm(path, { force: true });
  }
  throw new StateInUse(`The lock ${path} cannot be taken.`);
}

async function writeNew(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, "wx", 0o600);
    await file.writeFile(content);
    await file.close();
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return ""; // Given up a moment ago.
    throw error;
  }
}
