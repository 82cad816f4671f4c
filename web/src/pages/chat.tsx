import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useCallback, useMemo, useState } from "react";
import { ChatPage, NewChatPage } from "../chat/index.ts";
import { useMarkRead } from "../shell/mark-read.ts";

export function NewChatRoute(): ReactNode {
  return <NewChatPage />;
}

export function ChatRoute(): ReactNode {
  const { chatId } = useParams({ from: "/app/chats/$chatId" });
  const { message } = useSearch({ from: "/app/chats/$chatId" });
  const navigate = useNavigate();
  // The address loses the message once it was shown: from then on the reader moves on, a reload is not to
  // pull them back, and the same result of a search can be chosen again.
  const target = useMemo(
    () =>
      message === undefined
        ? null
        : {
            messageId: message,
            over: () => void navigate({ to: "/chats/$chatId", params: { chatId }, search: {}, replace: true }),
          },
    [chatId, message, navigate],
  );
  useMarkRead(chatId);
  const [opened, setOpened] = useState(0);
  const reopen = useCallback(() => setOpened((count) => count + 1), []);
  // A page of its own for each chat: nothing of the one before may linger.
  return <ChatPage key={`${chatId} ${opened}`} chatId={chatId} target={target} onReopen={reopen} />;
}
