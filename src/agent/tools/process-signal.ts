import type { z } from "zod";
import { processSignalParams } from "../../contract/tools.ts";
import { requireProcess } from "./process-report.ts";
import type { Tool } from "./tool.ts";

/** Signals the whole group, so that a server goes with the shell that started it. */
export const processSignal: Tool<z.infer<typeof processSignalParams>> = {
  params: processSignalParams,
  async run(params, { workspace }) {
    const process = requireProcess(workspace, params.process_id);
    const signal = params.signal === "kill" ? "SIGKILL" : "SIGTERM";
    const sent = (await process.group.lives()) && process.group.signal(signal);
    return sent
      ? { success: true, message: `${signal} was sent to ${process.id}.` }
      : { success: false, message: `${process.id} has ended already.` };
  },
};
