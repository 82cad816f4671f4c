import { useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useCallback, useEffect, useMemo, useState } from "react";
import type { Chat } from "../../../src/contract/chats.ts";
import type { ModelCatalogue } from "../../../src/contract/models.ts";
import { chatListQuery, chatQuery, CHATS_PAGE, modelsQuery } from "../api/queries.ts";
import { Button } from "../ui/button.tsx";
import { useNow } from "../ui/relative-time.tsx";
import { errorText, Skeleton } from "../ui/states.tsx";
import { ChatFilterMenu } from "./chat-filter-menu.tsx";
import { everyActiveChat, filterWords, narrowed } from "./chat-filter.ts";
import { chatTree, groupChats, loadedChats, missingParents } from "./chat-list.ts";
import { ChatTreeRow } from "./chat-tree-row.tsx";
import { chooseFilter, useChosenFilter } from "./chosen-filter.ts";
import { useOpenChat } from "./open-chat.ts";
import { usePageVisible } from "./page-visible.ts";
import { SharedChats } from "./shared-chats.tsx";

/** All chats, newest change first, under the days of the reader's calendar. */
export function ChatNav({ onOpen }: { onOpen: () => void }): ReactNode {
  const filter = useChosenFilter();
  return (
    <div className="relative">
      <h2 className="sr-only">Chats</h2>
      {/* On the line of the first group's name. */}
      <div className="absolute top-2 right-0 z-10">
        <ChatFilterMenu filter={filter} onChange={chooseFilter} />
      </div>
      <ChatGroups
        key={`${filter.shelf} ${filter.condition}`}
        filter={filter}
        onReset={() => chooseFilter(everyActiveChat)}
        onOpen={onOpen}
      />
    </div>
  );
}

interface ChatGroupsProps {
  filter: typeof everyActiveChat;
  onReset: () => void;
  onOpen: () => void;
}

function ChatGroups({ filter, onReset, onOpen }: ChatGroupsProps): ReactNode {
  const now = useNow();
  const open = useOpenChat();
  const visible = usePageVisible();
  const chats = useInfiniteQuery({ ...chatListQuery(filter.shelf), select: loadedChats });
  const { data: modelNames } = useQuery({ ...modelsQuery, select: namesById });
  const parents = useParents(chats.data);
  const groups = useMemo(() => {
    const tree = chatTree(chats.data ?? [], parents);
    return groupChats(narrowed(tree, filter.condition), now);
  }, [chats.data, parents, filter.condition, now]);
  const isUnread = useCallback(
    // What somebody is looking at is read in a moment.
    (chat: Chat) => chat.has_unread && !(visible && chat.id === open),
    [visible, open],
  );

  // A filter means all chats, not those that happen to be loaded: it reads on until it has a page of its own.
  const { hasNextPage, isFetching, fetchNextPage, isError } = chats;
  const shown = groups.reduce((sum, group) => sum + group.nodes.length, 0);
  const [pages, setPages] = useState(1);
  const wanted = filter.condition === "any" ? 1 : pages * CHATS_PAGE;
  const searching = shown < wanted && hasNextPage && !isError;
  useEffect(() => {
    if (searching && !isFetching) void fetchNextPage();
  }, [searching, isFetching, fetchNextPage]);

  function own(): ReactNode {
    if (chats.isPending) return <ChatSkeleton />;
    if (chats.isError && chats.data === undefined) {
      return (
        <div role="alert" className="flex flex-col items-start gap-2 px-2 pt-9 text-sm">
          <p className="text-muted">Your chats could not be loaded. {errorText(chats.error)}</p>
          <Button size="sm" onClick={() => void chats.refetch()}>
            Try again
          </Button>
        </div>
      );
    }
    if (groups.length === 0) {
      if (searching) return <ChatSkeleton />;
      if (filterWords(filter) === null) {
        return <p className="px-2 pt-9 text-sm text-faint">Your chats will be listed here, newest first.</p>;
      }
      return (
        <div className="flex flex-col items-start gap-2 px-2 pt-9 text-sm">
          <p className="text-muted">
            {filter.condition === "any" && filter.shelf === "archived"
              ? "The archive is empty. What you archive is kept here and can be read."
              : "No chat is like that right now."}
          </p>
          <Button size="sm" onClick={onReset}>
            Show active chats
          </Button>
        </div>
      );
    }
    return (
      <>
        {groups.map((group) => (
          <section key={group.label} aria-label={group.label}>
            <h3 className="px-2 pt-3 pb-1 text-xs font-medium text-faint">{group.label}</h3>
            <ul className="flex flex-col gap-px">
              {group.nodes.map((node) => (
                <ChatTreeRow
                  key={node.chat.id}
                  node={node}
                  open={open}
                  modelNames={modelNames ?? noNames}
                  isUnread={isUnread}
                  onOpen={onOpen}
                />
              ))}
            </ul>
          </section>
        ))}
        {hasNextPage && (
          <Button
            variant="ghost"
            size="sm"
            className="mt-2 w-full"
            busy={chats.isFetchingNextPage || searching}
            onClick={() => {
              setPages(Math.floor(shown / CHATS_PAGE) + 1);
              void fetchNextPage();
            }}
          >
            {searching ? "Looking through older chats…" : "Show more"}
          </Button>
        )}
      </>
    );
  }

  return (
    <>
      {filter.shelf !== "archived" && (
        <SharedChats
          condition={filter.condition}
          open={open}
          modelNames={modelNames ?? noNames}
          isUnread={isUnread}
          onOpen={onOpen}
        />
      )}
      {own()}
    </>
  );
}

function ChatSkeleton(): ReactNode {
  return (
    <div aria-busy aria-label="Loading chats" role="status" className="flex flex-col gap-1 px-2 pt-9">
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

/** Parents that no loaded page holds, each by its id. One that can't be read leaves its children out. */
function useParents(chats: readonly Chat[] | undefined): readonly Chat[] {
  return useQueries({
    queries: missingParents(chats ?? []).map(chatQuery),
    combine: (results) => results.flatMap((result) => (result.data === undefined ? [] : [result.data])),
  });
}

const noNames: ReadonlyMap<string, string> = new Map();

function namesById(catalogue: ModelCatalogue): ReadonlyMap<string, string> {
  const models = catalogue.providers.flatMap((provider) => provider.models);
  return new Map(models.map((model) => [model.model_config_id, model.display_name]));
}
