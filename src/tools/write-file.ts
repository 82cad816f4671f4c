import { writeFileParams } from "../contract/tools.ts";
import { defineTool } from "./tool.ts";

export const writeFile = defineTool({
  name: "write_file",
  description: "Write a whole file, new or in place of the old one. For changes within a file use edit_files.",
  params: writeFileParams,
  changes: true,
});
