import { executeParams } from "../contract/tools.ts";
import { durationMs } from "./duration.ts";
import { defineTool } from "./tool.ts";

const DEFAULT_TIMEOUT_MS = 10_000;
/** The agent answers when the timeout has passed; this is for its way here. */
const GRACE_MS = 60_000;

export const execute = defineTool({
  name: "execute",
  description:
    "Run a shell command in the workspace and get its output and exit code. Waits for 10 seconds unless told " +
    "otherwise; a command that takes longer goes on and can be followed with process_output. Use " +
    "run_in_background for servers. Prefer read_file and edit_files over cat and sed.",
  params: executeParams,
  changes: true,
  patienceMs: (args) => (args.timeout === undefined ? DEFAULT_TIMEOUT_MS : durationMs(args.timeout)) + GRACE_MS,
});
