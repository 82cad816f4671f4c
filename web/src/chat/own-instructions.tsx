import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ScrollText } from "lucide-react";
import type { ReactNode } from "react";
import { userPromptQuery } from "../api/queries.ts";
import { useMe } from "../shell/me.ts";
import { Tooltip } from "../ui/tooltip.tsx";

/**
 * Says that the reader's own instructions are part of what the agent is told here. A chat follows those
 * of its owner, so nothing shows in anybody else's.
 */
export function OwnInstructions({ ownerId }: { ownerId: string }): ReactNode {
  const me = useMe();
  const { data } = useQuery(userPromptQuery);
  if (ownerId !== me.id || data === undefined || data.custom_prompt.trim() === "") return null;
  return (
    <Tooltip label="The agent follows your own instructions here, too." side="bottom">
      <Link
        to="/settings/prompts"
        className="inline-flex h-6 min-w-6 shrink-0 items-center justify-center gap-1 rounded-sm border border-line-strong px-1.5 text-xs font-medium whitespace-nowrap text-muted hover:text-ink"
      >
        <ScrollText size={12} aria-hidden />
        <span className="max-sm:sr-only">Your instructions</span>
      </Link>
    </Tooltip>
  );
}
