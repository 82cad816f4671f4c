import type { ExecuteResult } from "../../contract/tools.ts";
import { ToolError } from "../tool-error.ts";
import type { TrackedProcess } from "../tracked-process.ts";
import type { Workspace } from "../workspace.ts";

/** A process as the model reads it: what it wrote, whether it runs, how it ended. */
export async function processReport(process: TrackedProcess): Promise<ExecuteResult> {
  const rendered = await process.output();
  const { exit } = process;
  const left = exit !== null && (await process.group.lives());
  const notes = [
    exit === null ? "Still running." : null,
    left ? "It ended, but processes that it started still run." : null,
    rendered.truncated ? `The whole output is in ${process.outputPath}.` : null,
  ].filter((note) => note !== null);
  return {
    success: exit === null || exit.code === 0,
    ...rendered,
    exit_code: exit?.code ?? -1,
    wall_duration_ms: process.runtimeMs,
    error: exit?.error ?? undefined,
    note: notes.length > 0 ? notes.join(" ") : undefined,
    background_process_id: exit === null || left ? process.id : undefined,
  };
}

export function requireProcess(workspace: Workspace, id: string): TrackedProcess {
  const process = workspace.processes.get(id);
  if (!process) throw new ToolError(`There is no process ${id}. process_list names those that there are.`);
  return process;
}
