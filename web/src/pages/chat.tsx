import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ChatPage, NewChatPage } from "../chat/index.ts";
import { useMarkRead } from "../shell/mark-read.ts";

export function NewChatRoute(): ReactNode {
  return <NewChatPage />;
}

export function ChatRoute(): ReactNode {
  const { chatId } = useParams({ from: "/app/chats/$chatId" });
  useMarkRead(chatId);
  // A page of its own for each chat: nothing of the one before may linger.
  return <ChatPage key={chatId} chatId={chatId} />;
}
