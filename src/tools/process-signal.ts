import { processSignalParams } from "../contract/tools.ts";
import { defineTool } from "./tool.ts";

export const processSignal = defineTool({
  name: "process_signal",
  description: "End a process that was started in this workspace: terminate asks it to, kill makes it.",
  params: processSignalParams,
  changes: true,
});
