import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { send } from "../api/client.ts";
import { chatQuery } from "../api/queries.ts";
import { tellChats } from "./chat-cache.ts";
import { usePageVisible } from "./page-visible.ts";

/** Whoever only passes by has not read it; and the answers of one turn are marked together. */
const AFTER_MS = 600;
/** Up to the newest message that there is; the server knows its id. */
const EVERYTHING = Number.MAX_SAFE_INTEGER;

/** Marks a chat as read, on all devices, while it is open and can be seen. */
export function useMarkRead(chatId: string): void {
  const queryClient = useQueryClient();
  const visible = usePageVisible();
  const { data: chat } = useQuery(chatQuery(chatId));
  const unread = chat?.has_unread === true;
  const version = chat?.version;

  useEffect(() => {
    if (!unread || !visible) return;
    async function mark(): Promise<void> {
      try {
        await send("POST", `/chats/${chatId}/read`, { message_id: EVERYTHING });
      } catch {
        return; // It stays unread. The next answer, or the next look at it, tries again.
      }
      const known = queryClient.getQueryData(chatQuery(chatId).queryKey);
      // What came after the request left is not read yet; the server's own event says how it is.
      if (known === undefined || known.version !== version) return;
      tellChats(queryClient, { kind: "updated", chat: { ...known, has_unread: false } });
    }
    const timer = setTimeout(() => void mark(), AFTER_MS);
    return () => clearTimeout(timer);
  }, [chatId, unread, visible, version, queryClient]);
}
