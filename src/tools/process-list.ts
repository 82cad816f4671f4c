import { processListParams } from "../contract/tools.ts";
import { defineTool } from "./tool.ts";

export const processList = defineTool({
  name: "process_list",
  description: "List the processes that were started in this workspace, with command, status and exit code.",
  params: processListParams,
  changes: false,
});
