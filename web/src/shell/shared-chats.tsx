import { useInfiniteQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { useId, useMemo, useState } from "react";
import type { Chat } from "../../../src/contract/chats.ts";
import { chatListQuery } from "../api/queries.ts";
import { Button } from "../ui/button.tsx";
import { cx } from "../ui/cx.ts";
import type { ChatCondition } from "./chat-filter.ts";
import { narrowed } from "./chat-filter.ts";
import { chatTree, loadedChats } from "./chat-list.ts";
import { ChatTreeRow } from "./chat-tree-row.tsx";
import { remember, remembered } from "./remembered.ts";

/** So many stand above one's own chats before somebody asks for more. */
const FIRST = 5;
const MORE = 20;
const FOLDED = "shared-chats-folded";

interface SharedChatsProps {
  condition: ChatCondition;
  open: string | null;
  modelNames: ReadonlyMap<string, string>;
  isUnread: (chat: Chat) => boolean;
  onOpen: () => void;
}

/** Chats of others that this person may see, above their own; nothing at all while there are none. */
export function SharedChats({ condition, open, modelNames, isUnread, onOpen }: SharedChatsProps): ReactNode {
  const chats = useInfiniteQuery({ ...chatListQuery("shared"), select: loadedChats });
  const [folded, setFolded] = useState(() => remembered(FOLDED) === "yes");
  const [wanted, setWanted] = useState(FIRST);
  const listId = useId();
  const nodes = useMemo(() => narrowed(chatTree(chats.data ?? [], []), condition), [chats.data, condition]);
  if (nodes.length === 0) return null;
  const unread = nodes.filter((node) => isUnread(node.chat)).length;
  const more = nodes.length > wanted || chats.hasNextPage;

  function fold(): void {
    remember(FOLDED, folded ? "no" : "yes");
    setFolded(!folded);
  }
  function showMore(): void {
    setWanted(wanted + MORE);
    if (nodes.length < wanted + MORE && chats.hasNextPage) void chats.fetchNextPage();
  }

  return (
    <section aria-label="Shared with me" data-testid="shared-chats">
      <h3 className="pt-2 pr-7">
        <button
          type="button"
          aria-expanded={!folded}
          aria-controls={listId}
          onClick={fold}
          className="flex h-6 w-full items-center gap-1 rounded-sm px-2 text-xs font-medium text-faint hover:text-ink"
        >
          Shared with me
          <ChevronRight
            size={12}
            aria-hidden
            className={cx("transition-transform duration-100", !folded && "rotate-90")}
          />
          {folded && unread > 0 && <span className="tabular ml-auto text-accent">{unread} unread</span>}
        </button>
      </h3>
      <div id={listId} hidden={folded}>
        <ul className="flex flex-col gap-px">
          {nodes.slice(0, wanted).map((node) => (
            <ChatTreeRow
              key={node.chat.id}
              node={node}
              open={open}
              modelNames={modelNames}
              isUnread={isUnread}
              onOpen={onOpen}
            />
          ))}
        </ul>
        {more && (
          <Button
            variant="ghost"
            size="sm"
            className="mt-1 w-full"
            busy={chats.isFetchingNextPage}
            onClick={showMore}
            aria-label="Show more chats that were shared with you"
          >
            Show more
          </Button>
        )}
      </div>
    </section>
  );
}
