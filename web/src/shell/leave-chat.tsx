import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Chat } from "../../../src/contract/chats.ts";
import { send } from "../api/client.ts";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { toast } from "../ui/toaster.tsx";
import { loadedTree } from "./chat-cache.ts";
import { useOpenChat } from "./open-chat.ts";

/** Whether somebody else's share, and not a role, shows this chat: that can be given back. */
export function mayLeave({ your_role: role }: Chat): boolean {
  return role === "viewer" || role === "collaborator";
}

/** Gives back what somebody else has shared. The sidebar hears of it as of every share that ends. */
export function LeaveDialog({ chat, onClose }: { chat: Chat; onClose: () => void }): ReactNode {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const open = useOpenChat();

  async function leave(): Promise<void> {
    const isOpen = loadedTree(queryClient, chat).some(({ id, root_chat_id: root }) => id === open || root === open);
    await send("DELETE", `/chats/${chat.id}/shares/me`);
    if (isOpen) await navigate({ to: "/" });
    toast.success("You have left the chat", { description: chat.title });
  }

  return (
    <ConfirmDialog title="Leave this chat?" action="Leave" onConfirm={leave} onClose={onClose}>
      It goes from your list with its sub-agents’ chats. To open it again, you need <bdi>{chat.owner_name}</bdi> to
      share it with you anew. What you wrote there stays.
    </ConfirmDialog>
  );
}
