import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { Keyboard, LogOut, Monitor, Moon, PanelLeft, Search, Server, SquarePen, Sun } from "lucide-react";
import { Dialog as RadixDialog } from "radix-ui";
import type { ReactNode } from "react";
import { useState } from "react";
import type { Chat } from "../../../src/contract/chats.ts";
import { ChatFilterMenu } from "./chat-filter-menu.tsx";
import type { ChatFilter } from "./chat-filter.ts";
import { PaletteChats, PaletteMessages, usePaletteSearch, type PaletteSearch } from "./palette-chats.tsx";
import { PaletteGroup, PaletteRow, paletteScore } from "./palette-rows.tsx";
import { useRights } from "./rights.ts";
import { placesFor } from "./settings-places.tsx";
import { toggleSidebar } from "./sidebar-state.ts";
import { setTheme } from "./theme.ts";
import { useSignOut } from "./user-menu.tsx";

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
  const places = placesFor(useRights()).flatMap((group) => group.places);
  const navigate = useNavigate();
  const signOut = useSignOut();
  const [text, setText] = useState("");
  const [filter, setFilter] = useState<ChatFilter>({ shelf: "all", condition: "any" });
  const search = usePaletteSearch(text, filter);

  function openChat(chat: Chat, message: number | undefined): void {
    close();
    void navigate({ to: "/chats/$chatId", params: { chatId: chat.id }, search: { message } });
  }

  function run(act: () => void): () => void {
    return function runAndClose() {
      close();
      act();
    };
  }

  return (
    <Command label="Find a chat, page or action" loop filter={paletteScore}>
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
      {/* Not in the list: a list box has nothing but options. */}
      <Command.Empty className="px-3 py-6 text-center text-muted">
        {search.searching
          ? "Looking…"
          : search.failed
            ? "The search did not answer. Type on to try again."
            : "Nothing by that name."}
      </Command.Empty>
      <Command.List className="max-h-[min(26rem,60dvh)] overflow-y-auto p-1.5">
        <PaletteChats search={search} open={openChat} />
        <PaletteGroup heading="Actions">
          <PaletteRow icon={<SquarePen size={16} />} onSelect={run(() => void navigate({ to: "/" }))}>
            New chat
          </PaletteRow>
          <PaletteRow icon={<PanelLeft size={16} />} onSelect={run(toggleSidebar)}>
            Show or hide the sidebar
          </PaletteRow>
          <PaletteRow icon={<Sun size={16} />} onSelect={run(() => setTheme("light"))}>
            Light theme
          </PaletteRow>
          <PaletteRow icon={<Moon size={16} />} onSelect={run(() => setTheme("dark"))}>
            Dark theme
          </PaletteRow>
          <PaletteRow icon={<Monitor size={16} />} onSelect={run(() => setTheme("system"))}>
            Theme as the system
          </PaletteRow>
          <PaletteRow icon={<Keyboard size={16} />} onSelect={run(onShortcuts)}>
            Keyboard shortcuts
          </PaletteRow>
          <PaletteRow icon={<LogOut size={16} />} onSelect={run(() => void signOut())}>
            Sign out
          </PaletteRow>
        </PaletteGroup>
        <PaletteGroup heading="Pages">
          <PaletteRow icon={<Server size={16} />} onSelect={run(() => void navigate({ to: "/workspaces" }))}>
            Workspaces
          </PaletteRow>
          {places.map(({ to, label, icon: Icon }) => (
            <PaletteRow key={to} icon={<Icon size={16} />} onSelect={run(() => void navigate({ to }))}>
              {label}
            </PaletteRow>
          ))}
        </PaletteGroup>
        <PaletteMessages search={search} open={openChat} />
      </Command.List>
      <div className="flex h-9 items-center justify-between gap-3 border-t border-line pr-2 pl-4 text-xs text-faint">
        <span role="status" className="truncate">
          {search.searching
            ? "Looking through your chats…"
            : text.trim() === ""
              ? "Type to look through titles and messages"
              : foundWords(search)}
        </span>
        <ChatFilterMenu side="top" filter={filter} usual={{ shelf: "all", condition: "any" }} onChange={setFilter} />
      </div>
    </Command>
  );
}

function foundWords({ messages, failed }: PaletteSearch): string {
  if (failed) return "The search did not answer";
  if (messages.length === 0) return "In no message";
  return messages.length === 1 ? "In 1 message" : `In ${messages.length} messages`;
}
