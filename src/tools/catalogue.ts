import { editFiles } from "./edit-files.ts";
import { execute } from "./execute.ts";
import { processList } from "./process-list.ts";
import { processOutput } from "./process-output.ts";
import { processSignal } from "./process-signal.ts";
import { readFile } from "./read-file.ts";
import type { Tool } from "./tool.ts";
import { writeFile } from "./write-file.ts";

/** Tools that the workspace agent runs. */
const workspaceTools: readonly Tool[] = [
  execute,
  processOutput,
  processList,
  processSignal,
  readFile,
  writeFile,
  editFiles,
];

/** What a chat's model is offered: nothing of a workspace where the chat has none. */
export function offeredTools(chat: { workspaceId: string | null }): readonly Tool[] {
  return chat.workspaceId === null ? [] : workspaceTools;
}

export function findTool(name: string): Tool | undefined {
  return workspaceTools.find((tool) => tool.name === name);
}
