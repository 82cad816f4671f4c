import { z } from "zod";

/**
 * Parameters and results of the tools. The model is given the parameters as JSON Schema, the
 * workspace agent checks them again before it acts, and the web app reads both for its cards.
 */

/** Output that goes to the model is cut to this; the whole stays in the workspace. */
export const TOOL_OUTPUT_MAX_BYTES = 32 * 1024;

/** A Go duration: "500ms", "30s", "2m", "1h30m". */
export const duration = z.string().regex(/^(\d+(\.\d+)?(ms|s|m|h))+$/, {
  error: 'Give a duration such as "30s" or "2m".',
});

export const executeParams = z.object({
  command: z.string().min(1).describe("The shell command to run."),
  timeout: duration
    .optional()
    .describe('How long to wait for it, such as "30s" or "5m". Default "10s". The process goes on after a timeout.'),
  workdir: z.string().optional().describe("Directory to run in. Default: the workspace's directory."),
  run_in_background: z
    .boolean()
    .optional()
    .describe("Return at once with a background_process_id, for servers and watchers."),
});
export const executeResult = z.object({
  success: z.boolean(),
  output: z.string().optional(),
  exit_code: z.int(),
  wall_duration_ms: z.int(),
  error: z.string().optional(),
  truncated: z
    .object({ original_bytes: z.int(), retained_bytes: z.int(), omitted_bytes: z.int(), strategy: z.string() })
    .optional(),
  note: z.string().optional(),
  background_process_id: z.string().optional(),
});
export type ExecuteResult = z.infer<typeof executeResult>;

export const processOutputParams = z.object({
  process_id: z.string().min(1).describe("The id that execute or process_list returned."),
});
/** Same shape as an execute result; a process that still runs has success true, exit_code -1 and a note. */
export const processOutputResult = executeResult;

export const processListParams = z.object({});
export const processListResult = z.object({
  processes: z.array(
    z.object({
      id: z.string(),
      command: z.string(),
      status: z.enum(["running", "exited"]),
      exit_code: z.int().nullable(),
      started_at: z.iso.datetime(),
    }),
  ),
});
export type ProcessListResult = z.infer<typeof processListResult>;

export const processSignalParams = z.object({
  process_id: z.string().min(1).describe("The id that execute or process_list returned."),
  signal: z.enum(["terminate", "kill"]).describe("terminate asks the process to end, kill ends it."),
});
export const processSignalResult = z.object({ success: z.boolean(), message: z.string() });

export const readFileParams = z.object({
  path: z.string().min(1).describe("The file, absolute or relative to the workspace's directory."),
  offset: z.int().min(1).optional().describe("First line to read, counted from 1."),
  limit: z.int().min(1).max(100_000).optional().describe("How many lines to read. Default 2000."),
});
export const readFileResult = z.object({
  /** Each line as `<number>\t<text>`. */
  content: z.string(),
  file_size: z.int(),
  total_lines: z.int(),
  lines_read: z.int(),
});
export type ReadFileResult = z.infer<typeof readFileResult>;

export const writeFileParams = z.object({
  path: z.string().min(1).describe("The file, absolute or relative to the workspace's directory."),
  content: z.string().describe("The whole new content. Folders on the way are made."),
});
export const editFilesParams = z.object({
  files: z
    .array(
      z.object({
        path: z.string().min(1),
        edits: z
          .array(
            z.object({
              search: z.string().min(1).describe("Exact text that occurs once in the file."),
              replace: z.string(),
              replace_all: z.boolean().optional(),
            }),
          )
          .min(1),
      }),
    )
    .min(1)
    .describe("All edits of one file are made or none."),
});
/** `diff` is a unified diff for the person who watches. */
export const fileChangeResult = z.object({
  ok: z.literal(true),
  files: z.array(z.object({ path: z.string(), diff: z.string(), additions: z.int(), deletions: z.int() })),
});
export type FileChangeResult = z.infer<typeof fileChangeResult>;

/** What every tool answers when it could not do its work; goes to the model with `is_error`. */
export const toolError = z.object({ error: z.string() });

export const workspaceTools = {
  execute: executeParams,
  process_output: processOutputParams,
  process_list: processListParams,
  process_signal: processSignalParams,
  read_file: readFileParams,
  write_file: writeFileParams,
  edit_files: editFilesParams,
} as const;
export type WorkspaceToolName = keyof typeof workspaceTools;
