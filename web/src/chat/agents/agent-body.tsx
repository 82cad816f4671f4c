import type { ReactNode } from "react";
import { useContext } from "react";
import { Markdown } from "../markdown.tsx";
import type { ToolCall } from "../rows.ts";
import { Panel } from "../tools/panel.tsx";
import { errorOf } from "../tools/tool-summary.ts";
import { agentOf } from "./agent-tools.ts";
import { AgentViewContext } from "./agent-view.ts";

/** What a sub-agent was told and does, live. */
export function AgentBody({ tool }: { tool: ToolCall }): ReactNode {
  const { chatId, task, report } = agentOf(tool);
  const view = useContext(AgentViewContext);
  const error = tool.state === "error" ? errorOf(tool.result?.result) : null;
  if (chatId === null || (tool.name === "spawn_agent" && tool.state === "writing")) {
    return (
      <Panel label="Task">
        <p className="px-3 py-2 text-sm break-words whitespace-pre-wrap text-muted">{task ?? "Not said yet."}</p>
      </Panel>
    );
  }
  return (
    <div className="flex flex-col gap-2">
      {error !== null && <p className="text-sm break-words whitespace-pre-wrap text-danger">{error}</p>}
      {tool.name === "message_agent" && task !== null && (
        <p className="border-l-2 border-line-strong pl-3 text-sm break-words whitespace-pre-wrap text-muted">{task}</p>
      )}
      {tool.name === "wait_agent" && report !== null ? (
        <Panel label="Report">
          <div className="px-4 py-3 text-base">
            <Markdown text={report} streaming={false} />
          </div>
        </Panel>
      ) : (
        view?.(chatId)
      )}
    </div>
  );
}
