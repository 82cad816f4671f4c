import { editFilesParams } from "../contract/tools.ts";
import { defineTool } from "./tool.ts";

export const editFiles = defineTool({
  name: "edit_files",
  description:
    "Replace exact pieces of text in one or more files. Each search text must occur exactly once unless " +
    "replace_all is set. All edits of a file are made or none.",
  params: editFilesParams,
  changes: true,
});
