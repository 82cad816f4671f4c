import type { z } from "zod";
import { processListParams, type ProcessListResult } from "../../contract/tools.ts";
import { firstBytes } from "../text-window.ts";
import type { Tool } from "./tool.ts";

const COMMAND_SHOWN_BYTES = 200; // Enough to tell commands apart; the list holds up to 164.

export const processList: Tool<z.infer<typeof processListParams>> = {
  params: processListParams,
  async run(_params, { workspace }) {
    const result: ProcessListResult = {
      processes: workspace.processes.list().map((process) => ({
        id: process.id,
        command: firstBytes(process.command, COMMAND_SHOWN_BYTES),
        status: process.running ? "running" : "exited",
        exit_code: process.exit?.code ?? null,
        started_at: new Date(process.startedAt).toISOString(),
      })),
    };
    return result;
  },
};
