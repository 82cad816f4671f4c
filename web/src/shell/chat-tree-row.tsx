import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { useId, useState } from "react";
import type { Chat } from "../../../src/contract/chats.ts";
import { cx } from "../ui/cx.ts";
import type { ChatNode } from "./chat-list.ts";
import { ChatRow } from "./chat-row.tsx";
import { isBusy } from "./chat-status.ts";

interface ChatTreeRowProps {
  node: ChatNode;
  /** The chat whose page is open. */
  open: string | null;
  modelNames: ReadonlyMap<string, string>;
  isUnread: (chat: Chat) => boolean;
  onOpen: () => void;
}

/** A chat and, folded under it, its sub-agents: open while one of them is the page. */
export function ChatTreeRow({ node, open, modelNames, isUnread, onOpen }: ChatTreeRowProps): ReactNode {
  const { chat, children, only } = node;
  const [chosen, setChosen] = useState<boolean | null>(null);
  const listId = useId();
  const expanded = chosen ?? (only || chat.id === open || children.some((child) => child.id === open));
  return (
    // Rows out of sight are neither laid out nor painted, and are still there for Tab, for a search in the page
    // and for a screen reader, as rows that are taken out of the page would not be.
    <li className="[contain-intrinsic-size:auto_3.25rem] [content-visibility:auto]">
      <ChatRow
        chat={chat}
        modelName={modelNames.get(chat.last_model_config_id)}
        unread={isUnread(chat)}
        onOpen={onOpen}
      />
      {children.length > 0 && (
        <>
          <button
            type="button"
            aria-expanded={expanded}
            aria-controls={listId}
            onClick={() => setChosen(!expanded)}
            className="flex h-6 w-full items-center gap-1 rounded-md pr-2 pl-[2.125rem] text-left text-xs text-faint hover:bg-raised hover:text-ink focus-visible:outline-offset-[-2px]"
          >
            <ChevronRight
              size={12}
              aria-hidden
              className={cx("-ml-0.5 shrink-0 transition-transform duration-100", expanded && "rotate-90")}
            />
            <span className="truncate">{childrenWords(children)}</span>
            <span className="sr-only"> of {chat.title}</span>
          </button>
          <ul id={listId} hidden={!expanded} className="ml-[0.9375rem] border-l border-line pl-1.5">
            {children.map((child) => (
              <li key={child.id}>
                <ChatRow chat={child} modelName={undefined} unread={false} nested onOpen={onOpen} />
              </li>
            ))}
          </ul>
        </>
      )}
    </li>
  );
}

/** "3 sub-agents · 1 working": what is to know while they are folded. */
export function childrenWords(children: readonly Chat[]): string {
  const working = children.filter((child) => isBusy(child.status)).length;
  const failed = children.filter((child) => child.status === "error").length;
  return [
    children.length === 1 ? "1 sub-agent" : `${children.length} sub-agents`,
    ...(working > 0 ? [`${working} working`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(" · ");
}
