import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import {
  Archive,
  ArchiveRestore,
  CircleAlert,
  CircleDashed,
  Ellipsis,
  Hand,
  Link2,
  LogOut,
  PenLine,
  UsersRound,
} from "lucide-react";
import type { ReactNode } from "react";
import { memo, useState } from "react";
import type { Chat } from "../../../src/contract/chats.ts";
import { ChangedLines } from "../git/changed-lines.tsx";
import { PullRequestIcon } from "../git/pull-request-icon.tsx";
import { changedLines, pullRequestMark } from "../git/pull-request-mark.ts";
import { cx } from "../ui/cx.ts";
import { Menu, MenuItem, MenuLine } from "../ui/menu.tsx";
import { RelativeTime } from "../ui/relative-time.tsx";
import { failed, toast } from "../ui/toaster.tsx";
import { archiveChat, unarchiveChat } from "./archive-chat.ts";
import { isBusy, statusWords } from "./chat-status.ts";
import { isSharedWithMe } from "./chat-list.ts";
import { LeaveDialog, mayLeave } from "./leave-chat.tsx";
import { RenameDialog } from "./rename-chat.tsx";

interface ChatRowProps {
  chat: Chat;
  modelName: string | undefined;
  /** False where somebody is looking at its answers, or where they are for its parent. */
  unread: boolean;
  /** A sub-agent under its parent: one line. */
  nested?: boolean;
  onOpen: () => void;
}

/** A chat in the sidebar: status, title, what there is to know of it, and how old that is. */
export const ChatRow = memo(function ChatRow({ chat, modelName, unread, nested = false, onOpen }: ChatRowProps) {
  const failedTurn = chat.status === "error";
  const foreign = isSharedWithMe(chat);
  const lines = changedLines(chat.diff_status);
  const second = failedTurn ? (chat.last_error ?? "The last turn failed") : secondLine(chat, modelName);
  return (
    <div className="group/row relative">
      <Link
        to="/chats/$chatId"
        params={{ chatId: chat.id }}
        onClick={onOpen}
        data-testid="sidebar-chat"
        data-status={chat.status}
        data-nested={nested || undefined}
        className={cx(
          "flex gap-2.5 rounded-md px-2 hover:bg-raised focus-visible:outline-offset-[-2px] data-[status=active]:bg-raised aria-[current=page]:bg-raised",
          nested ? "py-1" : "py-1.5",
        )}
        activeProps={{ "aria-current": "page" }}
      >
        <StatusIcon chat={chat} />
        <span className="flex min-w-0 flex-1 flex-col">
          <span className="flex items-baseline gap-2">
            {unread && <span className="sr-only">Unread.</span>}
            <span
              className={cx(
                "min-w-0 flex-1 truncate",
                nested ? "text-sm" : "text-base",
                unread && "font-medium",
                chat.archived || nested ? "text-muted" : "text-ink",
              )}
              title={chat.title}
            >
              {chat.title}
            </span>
            {!foreign && chat.shared === true && !nested && (
              <span title="Shared" className="shrink-0 self-center text-faint">
                <UsersRound size={12} aria-hidden />
                <span className="sr-only">Shared.</span>
              </span>
            )}
            <span className="flex shrink-0 items-center gap-1.5 text-xs text-faint [@media(hover:hover)]:group-focus-within/row:opacity-0 [@media(hover:hover)]:group-hover/row:opacity-0">
              {unread && <span aria-hidden className="size-2 rounded-full bg-accent" />}
              <RelativeTime at={chat.updated_at} short />
            </span>
          </span>
          {!nested && (second !== "" || foreign || lines !== null) && (
            <span className="flex items-baseline gap-2 text-xs text-faint">
              <span className="min-w-0 flex-1 truncate">
                {foreign && (
                  <>
                    <bdi>{chat.owner_name}</bdi>
                    {second !== "" && " · "}
                  </>
                )}
                <span className={failedTurn ? "text-danger" : undefined}>{second}</span>
              </span>
              {lines !== null && <ChangedLines {...lines} />}
            </span>
          )}
        </span>
      </Link>
      {isBusy(chat.status) && (
        <span aria-hidden className="tideline-run pointer-events-none absolute inset-x-2 bottom-0 h-0.5 rounded-full" />
      )}
      <RowMenu chat={chat} nested={nested} />
    </div>
  );
});

function RowMenu({ chat, nested }: { chat: Chat; nested: boolean }): ReactNode {
  const queryClient = useQueryClient();
  const [renaming, setRenaming] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const owns = !isSharedWithMe(chat);

  async function copyLink(): Promise<void> {
    try {
      await navigator.clipboard.writeText(new URL(`/chats/${chat.id}`, location.origin).href);
      toast.success("Link copied");
    } catch (error) {
      failed("copy the link", error);
    }
  }

  return (
    <>
      <Menu
        trigger={
          <button
            type="button"
            aria-label={`More about ${chat.title}`}
            className={cx(
              "absolute right-1 flex size-6 items-center justify-center rounded-sm bg-raised text-muted opacity-0 group-hover/row:opacity-100 hover:bg-pressed hover:text-ink focus-visible:opacity-100 data-[state=open]:opacity-100",
              "[@media(hover:none)]:bg-transparent [@media(hover:none)]:opacity-100",
              nested
                ? "top-0.5 [@media(hover:none)]:hidden"
                : "top-1 [@media(hover:none)]:top-auto [@media(hover:none)]:bottom-1",
            )}
          >
            <Ellipsis size={14} aria-hidden />
          </button>
        }
      >
        {owns && !chat.archived && (
          <MenuItem icon={<PenLine size={16} aria-hidden />} onSelect={() => setRenaming(true)}>
            Rename…
          </MenuItem>
        )}
        <MenuItem icon={<Link2 size={16} aria-hidden />} onSelect={() => void copyLink()}>
          Copy link
        </MenuItem>
        {(owns || mayLeave(chat)) && <MenuLine />}
        {mayLeave(chat) && (
          <MenuItem icon={<LogOut size={16} aria-hidden />} onSelect={() => setLeaving(true)}>
            Leave…
          </MenuItem>
        )}
        {!owns ? null : chat.archived ? (
          <MenuItem
            icon={<ArchiveRestore size={16} aria-hidden />}
            onSelect={() => void unarchiveChat(queryClient, chat)}
          >
            Take out of the archive
          </MenuItem>
        ) : (
          <MenuItem icon={<Archive size={16} aria-hidden />} onSelect={() => void archiveChat(queryClient, chat)}>
            Archive
          </MenuItem>
        )}
      </Menu>
      {leaving && <LeaveDialog chat={chat} onClose={() => setLeaving(false)} />}
      {renaming && <RenameDialog chat={chat} onClose={() => setRenaming(false)} />}
    </>
  );
}

function StatusIcon({ chat }: { chat: Chat }): ReactNode {
  const size = 16;
  const pullRequest = pullRequestMark(chat);
  const words = chat.archived ? "Archived" : (pullRequest?.words ?? statusWords(chat.status));
  const icon = chat.archived ? (
    <Archive size={size} className="p-px text-faint" aria-hidden />
  ) : chat.status === "error" ? (
    <CircleAlert size={size} className="text-danger" aria-hidden />
  ) : chat.status === "requires_action" ? (
    <Hand size={size} className="text-warning" aria-hidden />
  ) : isBusy(chat.status) ? (
    <CircleDashed size={size} className="text-accent" aria-hidden />
  ) : pullRequest !== null ? (
    <PullRequestIcon look={pullRequest.look} size={size} />
  ) : (
    <span className="m-[5px] block size-1.5 rounded-full bg-line-strong" aria-hidden />
  );
  return (
    <span className="mt-0.5 shrink-0" title={words}>
      {icon}
      <span className="sr-only">{words}:</span>
    </span>
  );
}

function secondLine(chat: Chat, modelName: string | undefined): string {
  const words = statusWords(chat.status);
  const parts = [chat.archived ? "Archived" : words === "Idle" ? undefined : words, modelName];
  return parts.filter((part) => part !== undefined).join(" · ");
}
