import type { z } from "zod";
import type { Json } from "../../contract/common.ts";
import type { WorkspaceToolName } from "../../contract/tools.ts";
import { ToolError } from "../tool-error.ts";
import { editFiles } from "./edit-files.ts";
import { execute } from "./execute.ts";
import { processList } from "./process-list.ts";
import { processOutput } from "./process-output.ts";
import { processSignal } from "./process-signal.ts";
import { readFile } from "./read-file.ts";
import type { Tool, ToolContext } from "./tool.ts";
import { writeFile } from "./write-file.ts";

type RunTool = (args: Json, context: ToolContext) => Promise<object>;

const catalogue: Record<WorkspaceToolName, RunTool> = {
  execute: checked(execute),
  process_output: checked(processOutput),
  process_list: checked(processList),
  process_signal: checked(processSignal),
  read_file: checked(readFile),
  write_file: checked(writeFile),
  edit_files: checked(editFiles),
};
const byName = new Map<string, RunTool>(Object.entries(catalogue));

/** Runs a tool by name; unknown names and wrong arguments are errors for the model. */
export async function runTool(name: string, args: Json, context: ToolContext): Promise<object> {
  const run = byName.get(name);
  if (!run) throw new ToolError(`This workspace has no tool ${name}.`);
  return run(args, context);
}

function checked<Params>(tool: Tool<Params>): RunTool {
  return async (args, context) => {
    const params = tool.params.safeParse(args);
    if (!params.success) throw new ToolError(`Wrong arguments. ${params.error.issues.map(issueWords).join(" ")}`);
    return tool.run(params.data, context);
  };
}

function issueWords(issue: z.core.$ZodIssue): string {
  const place = issue.path.map(String).join(".");
  return place === "" ? issue.message : `${place}: ${issue.message}`;
}
