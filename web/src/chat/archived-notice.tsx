import { useQueryClient } from "@tanstack/react-query";
import { Archive } from "lucide-react";
import type { ReactNode } from "react";
import type { Chat } from "../../../src/contract/chats.ts";
import { unarchiveChat } from "../shell/archive-chat.ts";
import { Button } from "../ui/button.tsx";

interface ArchivedNoticeProps {
  chat: Chat;
  /** False in a chat that is somebody else's. */
  mayUnarchive: boolean;
}

/** Stands where the composer was: an archived chat can only be read. */
export function ArchivedNotice({ chat, mayUnarchive }: ArchivedNoticeProps): ReactNode {
  const queryClient = useQueryClient();
  return (
    <div data-testid="archived-notice" className="flex flex-wrap items-center gap-x-4 gap-y-2 py-2">
      <Archive size={16} aria-hidden className="shrink-0 text-faint" />
      <p className="min-w-48 flex-1 text-muted">This chat is archived. It can be read, and nothing in it changes.</p>
      {mayUnarchive && (
        <Button size="sm" onClick={() => void unarchiveChat(queryClient, chat)}>
          Unarchive
        </Button>
      )}
    </div>
  );
}
