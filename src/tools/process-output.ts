import { processOutputParams } from "../contract/tools.ts";
import { defineTool } from "./tool.ts";

export const processOutput = defineTool({
  name: "process_output",
  description: "Read what a background process, or a command that outlived its timeout, has written so far.",
  params: processOutputParams,
  changes: false,
});
