import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import {
  Archive,
  Download,
  Ellipsis,
  FileDiff,
  LogOut,
  PenLine,
  Rows3,
  Share2,
  Sparkles,
  UsersRound,
} from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import type { Chat } from "../../../src/contract/chats.ts";
import type { MinimalUser } from "../../../src/contract/identity.ts";
import { send } from "../api/client.ts";
import { chatQuery } from "../api/queries.ts";
import { PullRequestChip } from "../git/pull-request-chip.tsx";
import type { ChangesPanelState } from "../git/use-panel.ts";
import { archiveChat } from "../shell/archive-chat.ts";
import { LeaveDialog, mayLeave } from "../shell/leave-chat.tsx";
import { PageHeader } from "../shell/page-header.tsx";
import { RenameDialog } from "../shell/rename-chat.tsx";
import { ShareDialog } from "../sharing/share-dialog.tsx";
import { chatTarget } from "../sharing/share-target.ts";
import { Badge } from "../ui/badge.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { Menu, MenuItem, MenuLine } from "../ui/menu.tsx";
import { failed, toast } from "../ui/toaster.tsx";
import { OwnInstructions } from "./own-instructions.tsx";
import type { Standing } from "./standing.ts";
import { Watchers } from "./watchers.tsx";

interface ChatHeaderProps {
  chat: Chat | undefined;
  title: string;
  standing: Standing;
  /** Who has the chat open now. */
  watching: readonly MinimalUser[];
  /** Null while the chat can't be summarised. */
  onSummarise: (() => void) | null;
  changes: ChangesPanelState;
}

/** Where one is, and what can be done with the chat as a whole. */
export function ChatHeader({ chat, title, standing, watching, onSummarise, changes }: ChatHeaderProps): ReactNode {
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
            <SharedMark chat={chat} />
            <OwnInstructions ownerId={chat.owner_id} />
            <PullRequestChip chatId={chat.id} git={chat.diff_status} />
          </>
        )
      }
      actions={
        chat !== undefined && (
          <>
            <Watchers watching={watching} />
            {standing.owns && <ShareButton chat={chat} />}
            <IconButton
              label={changes.open ? "Hide changes" : "Show changes"}
              shortcut="]"
              size="md"
              aria-pressed={changes.open}
              data-testid="toggle-changes"
              onClick={changes.toggle}
              className={changes.open ? "bg-raised text-ink" : undefined}
            >
              <FileDiff size={16} aria-hidden />
            </IconButton>
            <ChatMenu chat={chat} owns={standing.owns} onSummarise={onSummarise} />
          </>
        )
      }
    />
  );
}

/** That others see it, or whose it is. */
function SharedMark({ chat }: { chat: Chat }): ReactNode {
  const foreign = chat.your_role !== undefined && chat.your_role !== "owner";
  if (!foreign && chat.shared !== true) return null;
  return (
    <span
      data-testid="shared-mark"
      className="inline-flex h-5 max-w-48 min-w-0 items-center gap-1 rounded-sm border border-line-strong px-1.5 text-xs font-medium whitespace-nowrap text-muted max-sm:max-w-24"
    >
      <UsersRound size={12} aria-hidden className="shrink-0" />
      {foreign ? (
        <span className="min-w-0 truncate">
          <span className="max-sm:sr-only">Chat of </span>
          <bdi>{chat.owner_name ?? "somebody else"}</bdi>
        </span>
      ) : (
        "Shared"
      )}
    </span>
  );
}

function ShareButton({ chat }: { chat: Chat }): ReactNode {
  const [sharing, setSharing] = useState(false);
  return (
    <>
      <Button
        size="sm"
        data-testid="share-chat"
        aria-label="Share"
        onClick={() => setSharing(true)}
        className="max-sm:size-8.5 max-sm:border-transparent max-sm:bg-transparent max-sm:px-0"
      >
        <Share2 size={14} aria-hidden />
        <span className="max-sm:hidden">Share</span>
      </Button>
      {sharing && <ShareDialog target={chatTarget(chat)} onClose={() => setSharing(false)} />}
    </>
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

interface ChatMenuProps {
  chat: Chat;
  owns: boolean;
  onSummarise: (() => void) | null;
}

function ChatMenu({ chat, owns, onSummarise }: ChatMenuProps): ReactNode {
  const queryClient = useQueryClient();
  const [renaming, setRenaming] = useState(false);
  const [leaving, setLeaving] = useState(false);

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
        {owns && (
          <>
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
          </>
        )}
        <MenuItem asChild>
          <a href={`/api/v2/chats/${chat.id}/export`} download>
            <Download size={16} aria-hidden />
            Export as JSON
          </a>
        </MenuItem>
        {owns && !chat.archived && (
          <>
            <MenuLine />
            <MenuItem icon={<Archive size={16} aria-hidden />} onSelect={() => void archiveChat(queryClient, chat)}>
              Archive
            </MenuItem>
          </>
        )}
        {mayLeave(chat) && (
          <>
            <MenuLine />
            <MenuItem icon={<LogOut size={16} aria-hidden />} onSelect={() => setTimeout(() => setLeaving(true))}>
              Leave…
            </MenuItem>
          </>
        )}
      </Menu>
      {leaving && <LeaveDialog chat={chat} onClose={() => setLeaving(false)} />}
      {renaming && <RenameDialog chat={chat} onClose={() => setRenaming(false)} />}
    </>
  );
}
