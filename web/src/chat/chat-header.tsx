import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Archive, Download, Ellipsis, PenLine, Rows3, Sparkles } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import type { Chat } from "../../../src/contract/chats.ts";
import { send } from "../api/client.ts";
import { chatQuery } from "../api/queries.ts";
import { archiveChat } from "../shell/archive-chat.ts";
import { PageHeader } from "../shell/page-header.tsx";
import { RenameDialog } from "../shell/rename-chat.tsx";
import { Badge } from "../ui/badge.tsx";
import { Menu, MenuItem, MenuLine } from "../ui/menu.tsx";
import { failed, toast } from "../ui/toaster.tsx";
import { OwnInstructions } from "./own-instructions.tsx";

interface ChatHeaderProps {
  chat: Chat | undefined;
  title: string;
  /** Null while the chat can't be summarised. */
  onSummarise: (() => void) | null;
}

/** Where one is, and what can be done with the chat as a whole. */
export function ChatHeader({ chat, title, onSummarise }: ChatHeaderProps): ReactNode {
  const shown = title === "" ? "Chat" : title;
  return (
    <PageHeader
      title={
        chat?.parent_chat_id == null ? (
          shown
        ) : (
          <span className="flex min-w-0 items-baseline gap-1.5">
            <ParentLink chatId={chat.parent_chat_id} />
            <span aria-hidden className="text-faint">
              /
            </span>
            <span className="min-w-0 truncate">{shown}</span>
          </span>
        )
      }
      aside={
        chat !== undefined && (
          <>
            {chat.archived && <Badge>Archived</Badge>}
            <OwnInstructions ownerId={chat.owner_id} />
          </>
        )
      }
      actions={chat !== undefined && <ChatMenu chat={chat} onSummarise={onSummarise} />}
    />
  );
}

function ParentLink({ chatId }: { chatId: string }): ReactNode {
  const { data: parent } = useQuery(chatQuery(chatId));
  return (
    <Link
      to="/chats/$chatId"
      params={{ chatId }}
      data-testid="parent-chat"
      className="max-w-28 shrink-0 truncate font-normal text-muted hover:text-ink hover:underline sm:max-w-64"
    >
      <span className="sr-only">Sub-agent of </span>
      {parent?.title ?? "Parent chat"}
    </Link>
  );
}

function ChatMenu({ chat, onSummarise }: { chat: Chat; onSummarise: (() => void) | null }): ReactNode {
  const queryClient = useQueryClient();
  const [renaming, setRenaming] = useState(false);

  async function askForTitle(): Promise<void> {
    try {
      await send("POST", `/chats/${chat.id}/title/regenerate`);
      toast("A model is thinking of another title");
    } catch (error) {
      failed("ask for another title", error);
    }
  }

  return (
    <>
      <Menu
        trigger={
          <button
            type="button"
            aria-label="More about this chat"
            data-testid="chat-menu"
            className="inline-flex size-8.5 items-center justify-center rounded-md text-muted hover:bg-raised hover:text-ink data-[state=open]:bg-raised"
          >
            <Ellipsis size={16} aria-hidden />
          </button>
        }
      >
        <MenuItem
          icon={<PenLine size={16} aria-hidden />}
          disabled={chat.archived}
          // The menu gives the focus back to its button when it is gone; the dialog comes after that.
          onSelect={() => setTimeout(() => setRenaming(true))}
        >
          Rename…
        </MenuItem>
        <MenuItem
          icon={<Sparkles size={16} aria-hidden />}
          disabled={chat.archived}
          onSelect={() => void askForTitle()}
        >
          Think of another title
        </MenuItem>
        <MenuItem
          icon={<Rows3 size={16} aria-hidden />}
          disabled={onSummarise === null || chat.archived}
          onSelect={() => onSummarise?.()}
        >
          Summarise now
        </MenuItem>
        <MenuItem asChild>
          <a href={`/api/v2/chats/${chat.id}/export`} download>
            <Download size={16} aria-hidden />
            Export as JSON
          </a>
        </MenuItem>
        {!chat.archived && (
          <>
            <MenuLine />
            <MenuItem icon={<Archive size={16} aria-hidden />} onSelect={() => void archiveChat(queryClient, chat)}>
              Archive
            </MenuItem>
          </>
        )}
      </Menu>
      {renaming && <RenameDialog chat={chat} onClose={() => setRenaming(false)} />}
    </>
  );
}
