import { closeAgent, messageAgent, spawnAgent, waitAgent } from "./agents.ts";
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

const agentTools: readonly Tool[] = [spawnAgent, waitAgent, messageAgent, closeAgent];

/** What a chat's model is offered: nothing of a workspace where the chat has none, no delegating where it is a sub-agent. */
export function offeredTools(chat: { workspaceId: string | null; isSubAgent: boolean }): readonly Tool[] {
  return [...(chat.workspaceId === null ? [] : workspaceTools), ...(chat.isSubAgent ? [] : agentTools)];
}

export function findTool(name: string): Tool | undefined {
  return [...workspaceTools, ...agentTools].find((tool) => tool.name === name);
}
