import type { ReactNode } from "react";
import type { Workspace } from "../../../../src/contract/workspaces.ts";
import type { Tone } from "../../ui/badge.tsx";
import { StatusDot } from "../../ui/badge.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";

const looks: Record<Workspace["agent"]["status"], { tone: Tone; words: string }> = {
  connected: { tone: "success", words: "Connected" },
  connecting: { tone: "warning", words: "Waiting for its first call" },
  disconnected: { tone: "neutral", words: "Away" },
};

/** Whether the agent of a workspace can be reached, in words, with how long it has been so. */
export function AgentStatus({ agent }: { agent: Workspace["agent"] }): ReactNode {
  const { tone, words } = looks[agent.status];
  const since = agent.status === "disconnected" ? (agent.disconnected_at ?? agent.last_connected_at) : null;
  return (
    <span className="inline-flex items-center gap-2 text-sm text-muted">
      <StatusDot tone={tone} live={agent.status === "connecting"} />
      <span>
        {words}
        {since !== null && (
          <>
            {" "}
            · last seen <RelativeTime at={since} />
          </>
        )}
      </span>
    </span>
  );
}

const systems: Record<string, string> = { linux: "Linux", darwin: "macOS", win32: "Windows" };

/** "Linux x64 on build-7"; nothing before the agent has said so. */
export function machineWords(agent: Workspace["agent"]): string {
  if (agent.os === "") return "";
  const system = [systems[agent.os] ?? agent.os, agent.arch].filter(Boolean).join(" ");
  return agent.hostname === "" ? system : `${system} on ${agent.hostname}`;
}
