import { readFileParams } from "../contract/tools.ts";
import { defineTool } from "./tool.ts";

export const readFile = defineTool({
  name: "read_file",
  description: "Read a text file with line numbers, 2000 lines at most unless told otherwise.",
  params: readFileParams,
  changes: false,
});
