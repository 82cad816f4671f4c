import type { z } from "zod";
import { processOutputParams } from "../../contract/tools.ts";
import { processReport, requireProcess } from "./process-report.ts";
import type { Tool } from "./tool.ts";

export const processOutput: Tool<z.infer<typeof processOutputParams>> = {
  params: processOutputParams,
  run: async (params, { workspace }) => processReport(requireProcess(workspace, params.process_id)),
};
