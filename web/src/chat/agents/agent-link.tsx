import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowUpRight } from "lucide-react";
import type { ReactNode } from "react";
import type { Chat } from "../../../../src/contract/chats.ts";
import { chatQuery } from "../../api/queries.ts";
import { isBusy, statusWords } from "../../shell/chat-status.ts";
import { cx } from "../../ui/cx.ts";
import { Tooltip } from "../../ui/tooltip.tsx";

interface AgentNameProps {
  chatId: string;
  /** Its title as the call says it, until its chat is known. */
  fallback: string;
}

/**
 * A sub-agent that was just asked for is there a moment later; until then there is nothing to say of it.
 * What becomes of it from then on the sidebar's socket tells.
 */
function useAgent(chatId: string): Chat | undefined {
  const { data } = useQuery({ ...chatQuery(chatId), retry: 3, retryDelay: 700 });
  return data;
}

/** Which sub-agent it is, and what it does now. */
export function AgentTitle({ chatId, fallback }: AgentNameProps): ReactNode {
  const agent = useAgent(chatId);
  const title = agent?.title ?? fallback;
  return (
    <>
      {title !== "" && (
        <span className="min-w-0 truncate text-ink" title={title}>
          {title}
        </span>
      )}
      {agent !== undefined && (
        <span
          data-testid="agent-status"
          className={cx(
            "agent-status shrink-0 text-xs",
            agent.status === "error" ? "text-danger" : isBusy(agent.status) ? "text-accent" : "text-faint",
          )}
        >
          {statusWords(agent.status).toLowerCase()}
        </span>
      )}
    </>
  );
}

export function AgentLink({ chatId, fallback }: AgentNameProps): ReactNode {
  const agent = useAgent(chatId);
  const words = `Open ${agent?.title ?? (fallback === "" ? "the sub-agent" : fallback)}`;
  return (
    <Tooltip label={words} side="top">
      <Link
        to="/chats/$chatId"
        params={{ chatId }}
        aria-label={words}
        data-testid="agent-link"
        className="ml-2 inline-flex size-7 shrink-0 items-center justify-center rounded-md text-faint hover:bg-surface hover:text-ink"
      >
        <ArrowUpRight size={14} aria-hidden />
      </Link>
    </Tooltip>
  );
}
