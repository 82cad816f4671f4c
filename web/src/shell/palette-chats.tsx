import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { MessageSquare, TextSearch } from "lucide-react";
import type { ReactNode } from "react";
import { useDeferredValue, useEffect, useState } from "react";
import { chatListQuery, chatSearchQuery } from "../api/queries.ts";
import type { Chat } from "../../../src/contract/chats.ts";
import { RelativeTime } from "../ui/relative-time.tsx";
import { meets, type ChatFilter } from "./chat-filter.ts";
import { isSharedWithMe, loadedChats } from "./chat-list.ts";
import { statusWords } from "./chat-status.ts";
import { foundMessages, foundTitles, markedPieces, type FoundMessage } from "./found.ts";
import { FOUND, PaletteGroup, PaletteRow } from "./palette-rows.tsx";

const RECENT_CHATS = 5;
/** Whoever types on is not asked for each letter. */
const SEARCH_AFTER_MS = 120;

export interface PaletteSearch {
  /** The newest few before anything is typed; then those that the words may fit. */
  chats: Chat[];
  /** Chats that only the server knows of. */
  titles: Chat[];
  messages: FoundMessage[];
  searching: boolean;
  failed: boolean;
}

/** Chats by name at once, from what is loaded; everything else from the server's index, a moment later. */
export function usePaletteSearch(text: string, filter: ChatFilter): PaletteSearch {
  const words = useLater(text.trim());
  const loaded = useInfiniteQuery({ ...chatListQuery(filter.shelf), select: loadedChats });
  const shared = useInfiniteQuery({ ...chatListQuery("shared"), select: loadedChats });
  const search = useQuery({
    ...chatSearchQuery(words, filter.shelf),
    enabled: words !== "",
    // The rows stay while the next letter is looked up, so that nothing jumps.
    placeholderData: keepPreviousData,
  });
  const typed = text.trim() !== "";
  const known = [...(loaded.data ?? []), ...(typed && filter.shelf !== "archived" ? (shared.data ?? []) : [])];
  const chats = known.filter((chat) => (typed || chat.parent_chat_id === null) && meets(filter.condition, chat));
  const results = (typed && words !== "" ? (search.data ?? []) : []).filter(({ chat }) =>
    meets(filter.condition, chat),
  );
  return {
    chats: typed ? chats : chats.slice(0, RECENT_CHATS),
    titles: foundTitles(results, chats),
    messages: foundMessages(results),
    searching: typed && (words !== text.trim() || search.isFetching),
    failed: typed && search.isError,
  };
}

function useLater(text: string): string {
  const [later, setLater] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setLater(text), text === "" ? 0 : SEARCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return useDeferredValue(later);
}

interface PaletteChatsProps {
  search: PaletteSearch;
  open: (chat: Chat, messageId: number | undefined) => void;
}

export function PaletteChats({ search, open }: PaletteChatsProps): ReactNode {
  return (
    <PaletteGroup heading="Chats">
      {search.chats.map((chat) => (
        <ChatRow key={chat.id} chat={chat} value={chat.id} onSelect={() => open(chat, undefined)} />
      ))}
      {search.titles.map((chat) => (
        <ChatRow key={chat.id} chat={chat} value={FOUND + chat.id} onSelect={() => open(chat, undefined)} />
      ))}
    </PaletteGroup>
  );
}

export function PaletteMessages({ search, open }: PaletteChatsProps): ReactNode {
  if (search.messages.length === 0) return null;
  return (
    <PaletteGroup heading="In chats">
      {search.messages.map((found) => (
        <PaletteRow
          key={`${found.chat.id}/${found.messageId}`}
          value={`${FOUND}${found.chat.id}/${found.messageId}`}
          icon={<TextSearch size={16} />}
          onSelect={() => open(found.chat, found.messageId)}
          tall
        >
          <span className="flex min-w-0 flex-1 flex-col">
            <span className="line-clamp-2 text-sm break-words">
              {markedPieces(found.snippet).map((piece, index) =>
                piece.marked ? (
                  // oxlint-disable-next-line react/no-array-index-key -- pieces of one text never move
                  <mark key={index} className="bg-transparent font-semibold text-accent-strong">
                    {piece.text}
                  </mark>
                ) : (
                  piece.text
                ),
              )}
            </span>
            <span className="truncate text-xs text-faint">
              {found.by === "you" ? "You" : "Agent"} in “{found.chat.title}”{found.chat.archived && " · Archived"}
            </span>
          </span>
        </PaletteRow>
      ))}
    </PaletteGroup>
  );
}

function ChatRow({ chat, value, onSelect }: { chat: Chat; value: string; onSelect: () => void }): ReactNode {
  return (
    <PaletteRow
      value={value}
      keywords={[chat.title, statusWords(chat.status)]}
      icon={<MessageSquare size={16} />}
      onSelect={onSelect}
    >
      <span className="min-w-0 flex-1 truncate">{chat.title}</span>
      <span className="text-xs text-faint">
        {chat.archived && "Archived · "}
        {chat.parent_chat_id !== null && "Sub-agent · "}
        {isSharedWithMe(chat) && (
          <>
            <bdi>{chat.owner_name}</bdi>
            {" · "}
          </>
        )}
        <RelativeTime at={chat.updated_at} short />
      </span>
    </PaletteRow>
  );
}
