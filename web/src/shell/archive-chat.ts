import type { QueryClient } from "@tanstack/react-query";
import type { Chat } from "../../../src/contract/chats.ts";
import { send } from "../api/client.ts";
import { chatQuery, CHATS_KEY } from "../api/queries.ts";
import { failed, toast, UNDO_FOR_MS } from "../ui/toaster.tsx";
import { loadedTree, tellChats } from "./chat-cache.ts";

/** Puts a chat away, a root with its sub-agents: shown at once, with an undo that brings all of it back. */
export async function archiveChat(queryClient: QueryClient, chat: Chat): Promise<void> {
  const tree = loadedTree(queryClient, chat).filter((each) => !each.archived);
  tellChats(queryClient, { kind: "deleted", chat: { ...chat, archived: true } });
  const done = send("POST", `/chats/${chat.id}/archive`);
  const notice = toast(chat.parent_chat_id === null ? "Chat archived" : "Sub-agent archived", {
    description: chat.title,
    duration: UNDO_FOR_MS,
    action: {
      label: "Undo",
      // An undo that comes before the answer waits for it. What failed has been said and taken back below.
      onClick: () =>
        void done.then(
          () => restore(queryClient, chat, tree),
          () => undefined,
        ),
    },
  });
  try {
    await done;
  } catch (error) {
    toast.dismiss(notice);
    bringBack(queryClient, tree);
    readAnew(queryClient, chat);
    failed("archive the chat", error);
  }
}

/** Takes a chat out of the archive, a root with the sub-agents that were put away with it. */
export async function unarchiveChat(queryClient: QueryClient, chat: Chat): Promise<void> {
  // Which of its children come along the server knows, and tells.
  await restore(queryClient, chat, [chat]);
}

async function restore(queryClient: QueryClient, chat: Chat, tree: readonly Chat[]): Promise<void> {
  bringBack(queryClient, tree);
  try {
    await send("POST", `/chats/${chat.id}/unarchive${chat.parent_chat_id === null ? "?descendants=true" : ""}`);
  } catch (error) {
    tellChats(queryClient, { kind: "deleted", chat: { ...chat, archived: true } });
    readAnew(queryClient, chat);
    failed("take the chat out of the archive", error);
  }
}

/** The root comes first: its children follow it to their place. */
function bringBack(queryClient: QueryClient, tree: readonly Chat[]): void {
  const rootFirst = [...tree].sort((a, b) => Number(a.parent_chat_id !== null) - Number(b.parent_chat_id !== null));
  for (const each of rootFirst) tellChats(queryClient, { kind: "created", chat: { ...each, archived: false } });
}

/** The server refused what this page took for possible: it knows something newer. */
function readAnew(queryClient: QueryClient, chat: Chat): void {
  void queryClient.invalidateQueries({ queryKey: CHATS_KEY });
  void queryClient.invalidateQueries({ queryKey: chatQuery(chat.id).queryKey });
}
