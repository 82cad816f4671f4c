import type { ReactNode } from "react";
import {
  editFilesParams,
  executeParams,
  executeResult,
  fileChangeResult,
  processListResult,
  processSignalResult,
  readFileParams,
  readFileResult,
  writeFileParams,
} from "../../../../src/contract/tools.ts";
import { AgentBody } from "../agents/agent-body.tsx";
import { partialString } from "../partial-args.ts";
import type { ToolCall } from "../rows.ts";
import { DiffView } from "./diff-view.tsx";
import { FileView } from "./file-view.tsx";
import { Panel } from "./panel.tsx";
import { TerminalView } from "./terminal-view.tsx";
import { errorOf } from "./tool-summary.ts";

/** What matters of a tool call, opened. */
export function ToolBody({ tool }: { tool: ToolCall }): ReactNode {
  const special = specialBody(tool);
  if (special !== null) return special;
  return <PlainBody tool={tool} />;
}

function specialBody(tool: ToolCall): ReactNode {
  const result = tool.result?.result;
  switch (tool.name) {
    case "execute":
    case "process_output":
      return <TerminalView {...terminalProps(tool)} />;
    case "read_file": {
      const read = readFileResult.safeParse(result).data;
      if (read === undefined) return null;
      const path = readFileParams.safeParse(tool.call?.args).data?.path ?? "";
      return <FileView path={path} numbered={read.content} totalLines={read.total_lines} linesRead={read.lines_read} />;
    }
    case "write_file":
    case "edit_files": {
      const changed = fileChangeResult.safeParse(result).data;
      if (changed !== undefined) return <DiffView files={changed.files} />;
      if (result !== undefined) return null;
      return <ChangeInProgress tool={tool} />;
    }
    case "process_list": {
      const listed = processListResult.safeParse(result).data;
      return listed === undefined ? null : <ProcessTable processes={listed.processes} />;
    }
    case "process_signal": {
      const sent = processSignalResult.safeParse(result).data;
      if (sent === undefined) return null;
      return (
        <Panel label="Answer">
          <p className="px-3 py-2 text-sm text-muted">{sent.message}</p>
        </Panel>
      );
    }
    case "spawn_agent":
    case "wait_agent":
    case "message_agent":
    case "close_agent":
      return <AgentBody tool={tool} />;
    default:
      return null;
  }
}

function terminalProps(tool: ToolCall): Parameters<typeof TerminalView>[0] {
  const params = executeParams.safeParse(tool.call?.args).data;
  const parsed = executeResult.safeParse(tool.result?.result).data;
  const command = params?.command ?? partialString(tool.draft?.text ?? "", "command");
  return {
    command: tool.name === "execute" ? command : null,
    workdir: params?.workdir ?? null,
    output: parsed?.output ?? tool.live?.text ?? "",
    cutAtStart: parsed === undefined && (tool.live?.start ?? 0) > 0,
    omittedBytes: parsed?.truncated?.omitted_bytes ?? 0,
    running: tool.state === "running" || tool.state === "writing",
    exitCode: parsed === undefined || parsed.exit_code < 0 ? null : parsed.exit_code,
    milliseconds: parsed?.wall_duration_ms ?? null,
    note: parsed?.note ?? (parsed?.background_process_id === undefined ? null : "Runs in the background."),
    error: parsed === undefined ? errorOf(tool.result?.result) : (parsed.error ?? null),
  };
}

/** A change while the model writes it or the workspace makes it. */
function ChangeInProgress({ tool }: { tool: ToolCall }): ReactNode {
  const draft = tool.draft?.text ?? "";
  const content = writeFileParams.safeParse(tool.call?.args).data?.content ?? partialString(draft, "content");
  if (content !== null && content !== undefined) return <TerminalTail text={content} label="New content" />;
  const files = editFilesParams.safeParse(tool.call?.args).data?.files;
  const text =
    files === undefined
      ? partialString(draft.slice(draft.lastIndexOf('"replace"')), "replace")
      : files.flatMap((file) => file.edits.map((edit) => edit.replace)).join("\n…\n");
  return text === null || text === "" ? null : <TerminalTail text={text} label="New text" />;
}

/** Room for about a dozen lines, at the newest one. */
function TerminalTail({ text, label }: { text: string; label: string }): ReactNode {
  const lines = text.split("\n");
  return (
    <Panel label={label}>
      <pre className="px-3 py-2 font-mono text-sm leading-5 whitespace-pre-wrap break-words text-muted">
        {lines.slice(-12).join("\n")}
      </pre>
    </Panel>
  );
}

type Process = { id: string; command: string; status: "running" | "exited"; exit_code: number | null };

function ProcessTable({ processes }: { processes: readonly Process[] }): ReactNode {
  if (processes.length === 0) return <p className="pl-6 text-sm text-muted">No processes.</p>;
  return (
    <Panel label="Processes">
      <table className="w-full text-sm">
        <thead className="text-left text-xs text-faint">
          <tr>
            <th className="px-3 py-1.5 font-medium">Id</th>
            <th className="px-3 py-1.5 font-medium">Command</th>
            <th className="px-3 py-1.5 font-medium">Status</th>
          </tr>
        </thead>
        <tbody>
          {processes.map((process) => (
            <tr key={process.id} className="border-t border-line">
              <td className="px-3 py-1.5 font-mono whitespace-nowrap">{process.id}</td>
              <td className="px-3 py-1.5 font-mono break-all">{process.command}</td>
              <td className="px-3 py-1.5 whitespace-nowrap">
                {process.status === "running" ? "running" : `exited, ${process.exit_code ?? "no code"}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

/** A tool that has no view of its own, or an answer of another shape than was agreed. */
function PlainBody({ tool }: { tool: ToolCall }): ReactNode {
  const error = errorOf(tool.result?.result);
  const args = tool.call === null ? (tool.draft?.text ?? "") : JSON.stringify(tool.call.args, null, 2);
  const result = tool.result?.result;
  const failed = tool.state === "error" && error !== null;
  return (
    <Panel label="Call">
      {!failed && args !== "" && args !== "{}" && (
        <pre className="px-3 py-2 font-mono text-sm leading-5 whitespace-pre-wrap break-words text-muted">{args}</pre>
      )}
      {failed ? (
        <p className="px-3 py-2 text-sm whitespace-pre-wrap break-words text-danger">{error}</p>
      ) : (
        result !== undefined && (
          <pre className="border-t border-line px-3 py-2 font-mono text-sm leading-5 whitespace-pre-wrap break-words text-ink first:border-t-0">
            {JSON.stringify(result, null, 2)}
          </pre>
        )
      )}
      {tool.state === "unanswered" && (
        <p className="border-t border-line px-3 py-2 text-sm text-warning first:border-t-0">
          The turn ended before this call had a result.
        </p>
      )}
    </Panel>
  );
}
