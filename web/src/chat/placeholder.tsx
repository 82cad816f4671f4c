import type { ReactNode } from "react";
import { PageHeader } from "../shell/page-header.tsx";

export function ChatPage({ chatId }: { chatId: string }): ReactNode {
  return <PageHeader title={chatId} />;
}

export function NewChatPage(): ReactNode {
  return <PageHeader title="New chat" />;
}
