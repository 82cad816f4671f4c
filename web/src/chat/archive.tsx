import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { Archive } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import type { Chat } from "../../../src/contract/chats.ts";
import { send } from "../api/client.ts";
import { chatQuery, chatsQuery } from "../api/queries.ts";
import { applyWatchEvent } from "../shell/chat-list.ts";
import { Button } from "../ui/button.tsx";
import { failed, toast } from "../ui/toaster.tsx";

/** Archives a chat with its sub-agents, shown at once; the undo brings all of them back. */
export async function archiveChat(queryClient: QueryClient, chat: Chat): Promise<void> {
  setArchived(queryClient, chat, true);
  try {
    await send("POST", `/chats/${chat.id}/archive`);
    toast("Chat archived", {
      action: { label: "Undo", onClick: () => void unarchiveChat(queryClient, chat, true) },
    });
  } catch (error) {
    setArchived(queryClient, chat, false);
    failed("archive the chat", error);
  }
}

async function unarchiveChat(queryClient: QueryClient, chat: Chat, descendants: boolean): Promise<void> {
  try {
    await send("POST", `/chats/${chat.id}/unarchive${descendants ? "?descendants=true" : ""}`);
    setArchived(queryClient, chat, false);
  } catch (error) {
    failed("unarchive the chat", error);
  }
}

function setArchived(queryClient: QueryClient, chat: Chat, archived: boolean): void {
  queryClient.setQueryData(chatQuery(chat.id).queryKey, (known) => known && { ...known, archived });
  if (archived) {
    const gone = { ...chat, archived };
    queryClient.setQueryData(
      chatsQuery.queryKey,
      (pages) => pages && applyWatchEvent(pages, { kind: "deleted", chat: gone }),
    );
  } else void queryClient.invalidateQueries({ queryKey: chatsQuery.queryKey });
}

/** Stands where the composer was: an archived chat can only be read. */
export function ArchivedNotice({ chat }: { chat: Chat }): ReactNode {
  const queryClient = useQueryClient();
  const [busy, setBusy] = useState(false);

  async function unarchive(): Promise<void> {
    setBusy(true);
    await unarchiveChat(queryClient, chat, chat.parent_chat_id === null);
    setBusy(false);
  }
  return (
    <div data-testid="archived-notice" className="flex flex-wrap items-center gap-x-4 gap-y-2 py-2">
      <Archive size={16} aria-hidden className="shrink-0 text-faint" />
      <p className="min-w-48 flex-1 text-muted">This chat is archived. It can be read, and nothing in it changes.</p>
      <Button size="sm" busy={busy} onClick={() => void unarchive()}>
        Unarchive
      </Button>
    </div>
  );
}
