import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { chatsQuery } from "../api/queries.ts";
import { Button } from "../ui/button.tsx";
import { useNow } from "../ui/relative-time.tsx";
import { errorText, Skeleton } from "../ui/states.tsx";
import { groupChats, listedChats } from "./chat-list.ts";
import { ChatRow } from "./chat-row.tsx";

/** All chats, newest change first, under the days of the reader's calendar. */
export function ChatNav({ onOpen }: { onOpen: () => void }): ReactNode {
  const now = useNow();
  const chats = useInfiniteQuery({ ...chatsQuery, select: listedChats });

  if (chats.isPending) {
    return (
      <div aria-busy aria-label="Loading chats" role="status" className="flex flex-col gap-1 px-2 pt-3">
        {[72, 54, 88, 63, 40].map((width) => (
          <div key={width} className="flex flex-col gap-1.5 py-1.5">
            <div style={{ width: `${width}%` }}>
              <Skeleton className="h-3.5" />
            </div>
            <Skeleton className="h-2.5 w-1/3" />
          </div>
        ))}
      </div>
    );
  }
  if (chats.isError && chats.data === undefined) {
    return (
      <div role="alert" className="flex flex-col items-start gap-2 px-2 pt-3 text-sm">
        <p className="text-muted">Your chats could not be loaded. {errorText(chats.error)}</p>
        <Button size="sm" onClick={() => void chats.refetch()}>
          Try again
        </Button>
      </div>
    );
  }
  if (chats.data.length === 0) {
    return <p className="px-2 pt-3 text-sm text-faint">Your chats will be listed here, newest first.</p>;
  }
  return (
    <>
      {groupChats(chats.data, now).map((group) => (
        <section key={group.label} aria-label={group.label}>
          <h2 className="px-2 pt-4 pb-1 text-xs font-medium text-faint">{group.label}</h2>
          <ul className="flex flex-col gap-px">
            {group.chats.map((chat) => (
              <ChatRow key={chat.id} chat={chat} onOpen={onOpen} />
            ))}
          </ul>
        </section>
      ))}
      {chats.hasNextPage && (
        <Button
          variant="ghost"
          size="sm"
          className="mt-2 w-full"
          busy={chats.isFetchingNextPage}
          onClick={() => void chats.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </>
  );
}
