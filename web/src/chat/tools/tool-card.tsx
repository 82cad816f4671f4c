import {
  Bot,
  BotMessageSquare,
  BotOff,
  Check,
  ChevronRight,
  CircleSlash,
  FilePen,
  FilePlus,
  FileText,
  Hourglass,
  List,
  Loader,
  type LucideIcon,
  Octagon,
  ScrollText,
  SquareTerminal,
  Wrench,
  X,
} from "lucide-react";
import type { ReactNode } from "react";
import { memo, useEffect, useId, useRef, useState } from "react";
import { cx } from "../../ui/cx.ts";
import { AgentLink, AgentTitle } from "../agents/agent-link.tsx";
import { agentOf, isAgentTool } from "../agents/agent-tools.ts";
import type { ToolCall } from "../rows.ts";
import { duration, ticking } from "../words.ts";
import { ToolBody } from "./tool-body.tsx";
import { firstLine, summarize } from "./tool-summary.ts";

const icons: Record<string, LucideIcon> = {
  execute: SquareTerminal,
  process_output: ScrollText,
  process_list: List,
  process_signal: Octagon,
  read_file: FileText,
  write_file: FilePlus,
  edit_files: FilePen,
  spawn_agent: Bot,
  wait_agent: Hourglass,
  message_agent: BotMessageSquare,
  close_agent: BotOff,
};

/** Cards that are open until a person closes them: what they hold is what one came to see. */
const opensByItself: ReadonlySet<string> = new Set(["edit_files", "write_file"]);
/** Cards that are open while they run, for their live output. */
const opensWhileRunning: ReadonlySet<string> = new Set(["execute", "write_file", "edit_files", "wait_agent"]);

/** How long a clock stays away: most calls are over before it would say anything. */
const CLOCK_AFTER_MS = 1_000;

interface ToolCardProps {
  tool: ToolCall;
  /** Nothing has come after it yet: what ran stays open until something does. */
  latest: boolean;
  /** Whether the person opened or closed it; null while they did neither. */
  opened: boolean | null;
  onToggle: (id: string, open: boolean) => void;
}

export const ToolCard = memo(function ToolCard({ tool, latest, opened, onToggle }: ToolCardProps): ReactNode {
  const bodyId = useId();
  const going = tool.state === "running" || tool.state === "writing";
  const open =
    opened ??
    (going || (latest && tool.state !== "unanswered")
      ? opensWhileRunning.has(tool.name)
      : opensByItself.has(tool.name) && tool.state === "done");
  const { verb, target, mark, milliseconds } = summarize(tool);
  const Icon = icons[tool.name] ?? Wrench;
  const agentId = isAgentTool(tool.name) ? agentOf(tool).chatId : null;
  return (
    <div
      data-testid="tool-card"
      data-tool={tool.name}
      data-state={going ? "running" : tool.state === "done" ? "done" : "error"}
      className={cx("tool-card min-w-0", open && "tool-card-open")}
    >
      <div className="flex items-center">
        <button
          type="button"
          aria-expanded={open}
          aria-controls={open ? bodyId : undefined}
          onClick={() => onToggle(tool.id, !open)}
          className="group -mx-2 flex min-h-7 tool-line min-w-0 items-center gap-2 rounded-md px-2 py-1 text-left text-sm text-muted hover:bg-surface"
        >
          <span className="relative size-4 shrink-0 text-faint">
            <Icon
              size={16}
              aria-hidden
              className="transition-opacity duration-100 group-hover:opacity-0 group-focus-visible:opacity-0"
            />
            <ChevronRight
              size={16}
              aria-hidden
              className={cx(
                "absolute inset-0 opacity-0 transition-[opacity,transform] duration-100 group-hover:opacity-100 group-focus-visible:opacity-100",
                open && "rotate-90",
              )}
            />
          </span>
          <span className="shrink-0">{verb}</span>
          {agentId !== null && <AgentTitle chatId={agentId} fallback={target} />}
          {agentId === null && target !== "" && (
            <code className="min-w-0 truncate font-mono text-ink" title={target}>
              {firstLine(target)}
            </code>
          )}
          <span className="min-w-2 flex-1" />
          {going ? (
            <Clock />
          ) : (
            milliseconds !== null && (
              <span className="tabular shrink-0 text-xs text-faint">{duration(milliseconds)}</span>
            )
          )}
          <Mark tool={tool} words={mark} />
        </button>
        {agentId !== null && <AgentLink chatId={agentId} fallback={target} />}
      </div>
      {open && (
        <div id={bodyId} className="mt-1 mb-2">
          <ToolBody tool={tool} />
        </div>
      )}
    </div>
  );
});

function Mark({ tool, words }: { tool: ToolCall; words: string }): ReactNode {
  const [icon, tone] = markLook(tool);
  return (
    <span className={cx("tabular inline-flex shrink-0 items-center gap-1 text-xs", tone)}>
      {icon}
      {words === "done" ? <span className="sr-only">done</span> : words}
    </span>
  );
}

function markLook(tool: ToolCall): [ReactNode, string] {
  switch (tool.state) {
    case "writing":
    case "running":
      return [<Loader key="i" size={13} aria-hidden className="animate-breathe" />, "text-accent"];
    case "done":
      return [<Check key="i" size={14} aria-hidden className="text-success" />, "text-faint"];
    case "error":
      return [<X key="i" size={14} aria-hidden />, "text-danger"];
    case "unanswered":
      return [<CircleSlash key="i" size={13} aria-hidden />, "text-warning"];
  }
}

/** Counts from when this page first saw the call run. */
function Clock(): ReactNode {
  const started = useRef(performance.now());
  const [elapsed, setElapsed] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setElapsed(performance.now() - started.current), 1_000);
    return () => clearInterval(timer);
  }, []);
  if (elapsed < CLOCK_AFTER_MS) return null;
  return <span className="tabular shrink-0 text-xs text-faint">{ticking(elapsed)}</span>;
}
