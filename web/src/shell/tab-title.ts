import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { chatsQuery } from "../api/queries.ts";
import { listedChats, type ChatPages } from "./chat-list.ts";
import { useOpenChat } from "./open-chat.ts";
import { usePageVisible } from "./page-visible.ts";

let title = "";
let unread = 0;

/** "(2) Fix the parser · Tideline": how many chats have news, what this is, where it is. */
export function tabTitle(name: string, news: number): string {
  const place = name === "" ? "Tideline" : `${name} · Tideline`;
  return news === 0 ? place : `(${news}) ${place}`;
}

function write(): void {
  document.title = tabTitle(title, unread);
}

/** Names the tab. */
export function useTitle(name: string): void {
  useEffect(() => {
    title = name;
    write();
  }, [name]);
}

/** Puts the number of chats with unread answers before the tab's name. */
export function useUnreadInTitle(): void {
  const open = useOpenChat();
  const visible = usePageVisible();
  const { data: ids } = useInfiniteQuery({ ...chatsQuery, select: unreadChats });
  // What somebody is looking at is no news.
  const count = ids?.filter((id) => !visible || id !== open).length ?? 0;
  useEffect(() => {
    unread = count;
    write();
    return () => {
      unread = 0;
      write();
    };
  }, [count]);
}

/** What a sub-agent says is for its parent: only chats that people began count. */
function unreadChats(pages: ChatPages): string[] {
  return listedChats(pages).flatMap((chat) => (chat.has_unread ? [chat.id] : []));
}
