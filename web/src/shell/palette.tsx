import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import {
  Boxes,
  Keyboard,
  LogOut,
  MessageSquare,
  Monitor,
  Moon,
  PanelLeft,
  Plug,
  Search,
  Server,
  SquarePen,
  Sun,
  UserRound,
} from "lucide-react";
import { Dialog as RadixDialog } from "radix-ui";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { chatsQuery } from "../api/queries.ts";
import { RelativeTime } from "../ui/relative-time.tsx";
import { listedChats } from "./chat-list.ts";
import { statusWords } from "./chat-status.ts";
import { isAdmin, useMe } from "./me.ts";
import { toggleSidebar } from "./sidebar-state.ts";
import { setTheme } from "./theme.ts";
import { useSignOut } from "./user-menu.tsx";

const RECENT_CHATS = 5;

interface PaletteProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onShortcuts: () => void;
}

/** Every chat, page and action, by a few letters of its name. */
export function Palette({ open, onOpenChange, onShortcuts }: PaletteProps): ReactNode {
  return (
    <RadixDialog.Root open={open} onOpenChange={onOpenChange}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <RadixDialog.Content
          aria-describedby={undefined}
          className="animate-enter fixed inset-x-2 top-2 z-40 mx-auto overflow-hidden rounded-lg border border-line-strong bg-overlay sm:top-[14vh] sm:max-w-xl"
        >
          <RadixDialog.Title className="sr-only">Find a chat, page or action</RadixDialog.Title>
          <PaletteList close={() => onOpenChange(false)} onShortcuts={onShortcuts} />
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

function PaletteList({ close, onShortcuts }: { close: () => void; onShortcuts: () => void }): ReactNode {
  const me = useMe();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const [text, setText] = useState("");
  const chats = useInfiniteQuery({ ...chatsQuery, select: listedChats });

  // Whoever searches means all chats, not those that happen to be loaded.
  const { hasNextPage, isFetching, fetchNextPage } = chats;
  useEffect(() => {
    if (text.trim() !== "" && hasNextPage && !isFetching) void fetchNextPage();
  }, [text, hasNextPage, isFetching, fetchNextPage]);

  // Before anything is typed the newest few are a way back; the rest would only be in the way.
  const listed = text.trim() === "" ? (chats.data ?? []).slice(0, RECENT_CHATS) : (chats.data ?? []);

  function run(act: () => void): () => void {
    return function runAndClose() {
      close();
      act();
    };
  }

  return (
    <Command label="Find a chat, page or action" loop>
      <div className="flex items-center gap-2.5 border-b border-line px-4">
        <Search size={16} className="shrink-0 text-faint" aria-hidden />
        <Command.Input
          autoFocus
          value={text}
          onValueChange={setText}
          placeholder="Find a chat, page or action…"
          className="h-12 w-full bg-transparent text-md outline-none"
        />
      </div>
      <Command.List className="max-h-[min(26rem,60dvh)] overflow-y-auto p-1.5">
        <Command.Empty className="px-3 py-6 text-center text-muted">
          {hasNextPage ? "Looking through older chats…" : "Nothing by that name."}
        </Command.Empty>
        <Group heading="Chats">
          {listed.map((chat) => (
            <Row
              key={chat.id}
              value={chat.id}
              keywords={[chat.title, statusWords(chat.status)]}
              icon={<MessageSquare size={16} />}
              onSelect={run(() => void navigate({ to: "/chats/$chatId", params: { chatId: chat.id } }))}
            >
              <span className="min-w-0 flex-1 truncate">{chat.title}</span>
              <span className="text-xs text-faint">
                <RelativeTime at={chat.updated_at} short />
              </span>
            </Row>
          ))}
        </Group>
        <Group heading="Actions">
          <Row icon={<SquarePen size={16} />} onSelect={run(() => void navigate({ to: "/" }))}>
            New chat
          </Row>
          <Row icon={<PanelLeft size={16} />} onSelect={run(toggleSidebar)}>
            Show or hide the sidebar
          </Row>
          <Row icon={<Sun size={16} />} onSelect={run(() => setTheme("light"))}>
            Light theme
          </Row>
          <Row icon={<Moon size={16} />} onSelect={run(() => setTheme("dark"))}>
            Dark theme
          </Row>
          <Row icon={<Monitor size={16} />} onSelect={run(() => setTheme("system"))}>
            Theme as the system
          </Row>
          <Row icon={<Keyboard size={16} />} onSelect={run(onShortcuts)}>
            Keyboard shortcuts
          </Row>
          <Row icon={<LogOut size={16} />} onSelect={run(() => void signOut())}>
            Sign out
          </Row>
        </Group>
        <Group heading="Pages">
          <Row icon={<Server size={16} />} onSelect={run(() => void navigate({ to: "/workspaces" }))}>
            Workspaces
          </Row>
          <Row icon={<UserRound size={16} />} onSelect={run(() => void navigate({ to: "/settings/account" }))}>
            Account
          </Row>
          {isAdmin(me) && (
            <>
              <Row icon={<Plug size={16} />} onSelect={run(() => void navigate({ to: "/settings/providers" }))}>
                Providers
              </Row>
              <Row icon={<Boxes size={16} />} onSelect={run(() => void navigate({ to: "/settings/models" }))}>
                Models
              </Row>
            </>
          )}
        </Group>
      </Command.List>
    </Command>
  );
}

function Group({ heading, children }: { heading: string; children: ReactNode }): ReactNode {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-faint"
    >
      {children}
    </Command.Group>
  );
}

interface RowProps {
  icon: ReactNode;
  value?: string;
  keywords?: string[];
  onSelect: () => void;
  children: ReactNode;
}

function Row({ icon, children, ...rest }: RowProps): ReactNode {
  return (
    <Command.Item
      {...rest}
      className="flex h-9 cursor-default items-center gap-3 rounded-md px-2.5 select-none data-[selected=true]:bg-raised"
    >
      <span className="text-faint">{icon}</span>
      {children}
    </Command.Item>
  );
}
