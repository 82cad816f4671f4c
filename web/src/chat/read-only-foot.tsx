import { Eye } from "lucide-react";
import type { ReactNode } from "react";
import type { Chat } from "../../../src/contract/chats.ts";

/** Stands where the composer was, for who may read and not write. */
export function ReadOnlyFoot({ chat }: { chat: Chat }): ReactNode {
  const owner = <bdi className="font-medium text-ink">{chat.owner_name ?? "its owner"}</bdi>;
  return (
    <div data-testid="read-only-foot" className="flex items-start gap-3 py-2">
      <Eye size={16} aria-hidden className="mt-[3px] shrink-0 text-faint" />
      <p className="min-w-0 wrap-anywhere text-muted">
        {chat.your_role === "site" ? (
          <>This chat is {owner}’s. Your role lets you read it, and the audit log says that you did.</>
        ) : (
          <>You can read this chat. Ask {owner} to let you write.</>
        )}
      </p>
    </div>
  );
}
