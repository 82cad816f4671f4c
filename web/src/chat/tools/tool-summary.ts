import type { Json } from "../../../../src/contract/common.ts";
import {
  editFilesParams,
  executeParams,
  executeResult,
  fileChangeResult,
  processListResult,
  processOutputParams,
  processSignalParams,
  readFileParams,
  readFileResult,
  toolError,
  writeFileParams,
} from "../../../../src/contract/tools.ts";
import { counted } from "../../shell/names.ts";
import { partialString } from "../partial-args.ts";
import { type AgentTool, agentOf } from "../agents/agent-tools.ts";
import type { ToolCall } from "../rows.ts";
import { duration } from "../words.ts";

/** One line about a tool call: what is done to what, and how it went. */
export interface ToolSummary {
  readonly verb: string;
  /** A command or a path, shown in mono; "" when there is none. */
  readonly target: string;
  /** How it went, in words: "exit 1", "+3 −1", "interrupted". */
  readonly mark: string;
  /** Its own time, where the tool measured it. */
  readonly milliseconds: number | null;
}

export function summarize(tool: ToolCall): ToolSummary {
  const { verb, target } = sayCall(tool);
  return { verb, target, mark: sayResult(tool), milliseconds: measured(tool) };
}

function sayCall(tool: ToolCall): { verb: string; target: string } {
  const args: Json = tool.call?.args ?? null;
  const draft = tool.draft?.text ?? "";
  switch (tool.name) {
    case "execute": {
      const command = executeParams.safeParse(args).data?.command ?? partialString(draft, "command") ?? "";
      return { verb: verb(tool, "Running", "Ran", "Ran"), target: command };
    }
    case "process_output": {
      const id = processOutputParams.safeParse(args).data?.process_id ?? "";
      return { verb: verb(tool, "Reading output of", "Read output of", "Tried to read output of"), target: id };
    }
    case "process_list":
      return { verb: verb(tool, "Listing processes", "Listed processes", "Tried to list processes"), target: "" };
    case "process_signal": {
      const params = processSignalParams.safeParse(args).data;
      const kill = params?.signal === "kill";
      const said = kill
        ? verb(tool, "Killing", "Killed", "Tried to kill")
        : verb(tool, "Ending", "Ended", "Tried to end");
      return { verb: said, target: params?.process_id ?? "" };
    }
    case "read_file": {
      const params = readFileParams.safeParse(args).data;
      const path = params?.path ?? partialString(draft, "path") ?? "";
      const from = params?.offset;
      const target = from === undefined || from <= 1 ? path : `${path}:${from}`;
      return { verb: verb(tool, "Reading", "Read", "Tried to read"), target };
    }
    case "write_file": {
      const path = writeFileParams.safeParse(args).data?.path ?? partialString(draft, "path") ?? "";
      return { verb: verb(tool, "Writing", "Wrote", "Tried to write"), target: path };
    }
    case "edit_files": {
      const files = editFilesParams.safeParse(args).data?.files ?? [];
      const first = files[0]?.path ?? partialString(draft, "path") ?? "";
      const more = files.length > 1 ? ` and ${counted(files.length - 1, "other file")}` : "";
      return { verb: verb(tool, "Editing", "Edited", "Tried to edit"), target: first + more };
    }
    case "spawn_agent":
    case "wait_agent":
    case "message_agent":
    case "close_agent": {
      const { title } = agentOf(tool);
      const unnamed = tool.name === "spawn_agent" ? "" : "a sub-agent";
      return { verb: verb(tool, ...agentVerbs[tool.name]), target: title ?? unnamed };
    }
    default:
      return { verb: verb(tool, "Calling", "Called", "Called"), target: tool.name };
  }
}

const agentVerbs: Record<AgentTool, [going: string, done: string, tried: string]> = {
  spawn_agent: ["Starting sub-agent", "Started sub-agent", "Tried to start sub-agent"],
  wait_agent: ["Waiting for", "Heard from", "Waited for"],
  message_agent: ["Telling", "Told", "Tried to tell"],
  close_agent: ["Stopping", "Stopped", "Tried to stop"],
};

function verb(tool: ToolCall, going: string, done: string, tried: string): string {
  if (tool.state === "running" || tool.state === "writing") return going;
  return tool.state === "done" ? done : tried;
}

function sayResult(tool: ToolCall): string {
  if (tool.state === "writing") return "writing…";
  if (tool.state === "running") return "running…";
  if (tool.state === "unanswered") return "no result";
  const result = tool.result?.result ?? null;
  // Whether a person stopped it or its workspace went away, its error says so in words.
  if (tool.result?.is_error === true) return /interrupted/i.test(errorOf(result) ?? "") ? "interrupted" : "failed";
  switch (tool.name) {
    case "execute":
    case "process_output": {
      const parsed = executeResult.safeParse(result).data;
      if (parsed === undefined) break;
      if (parsed.exit_code >= 0) return parsed.exit_code === 0 ? "done" : `exit ${parsed.exit_code}`;
      if (parsed.success) return "still runs";
      break;
    }
    case "read_file": {
      const parsed = readFileResult.safeParse(result).data;
      if (parsed !== undefined) return counted(parsed.lines_read, "line");
      break;
    }
    case "write_file":
    case "edit_files": {
      const parsed = fileChangeResult.safeParse(result).data;
      if (parsed === undefined) break;
      const added = parsed.files.reduce((sum, file) => sum + file.additions, 0);
      const removed = parsed.files.reduce((sum, file) => sum + file.deletions, 0);
      return `+${added} −${removed}`;
    }
    case "process_list": {
      const parsed = processListResult.safeParse(result).data;
      if (parsed !== undefined) return counted(parsed.processes.length, "process", "processes");
      break;
    }
  }
  return tool.state === "error" ? "failed" : "done";
}

function measured(tool: ToolCall): number | null {
  if (tool.name !== "execute") return null;
  return executeResult.safeParse(tool.result?.result).data?.wall_duration_ms ?? null;
}

/** What the tool says went wrong, if it says so. */
export function errorOf(result: Json | null | undefined): string | null {
  if (typeof result === "string") return result;
  const parsed = toolError.safeParse(result);
  if (parsed.success && parsed.data.error !== "") return parsed.data.error;
  return null;
}

/** The summary as one sentence, for screen readers. */
export function sayTool(tool: ToolCall): string {
  const { verb, target, mark, milliseconds } = summarize(tool);
  const time = milliseconds === null ? "" : `, ${duration(milliseconds)}`;
  return `${verb}${target === "" ? "" : ` ${firstLine(target)}`}: ${mark}${time}`;
}

export function firstLine(text: string): string {
  const [first = "", ...rest] = text.trim().split("\n");
  return rest.length === 0 ? first : `${first} …`;
}
