import { useQueryClient } from "@tanstack/react-query";
import { Outlet, useNavigate } from "@tanstack/react-router";
import { Dialog as RadixDialog } from "radix-ui";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { Palette } from "./palette.tsx";
import { ShortcutsDialog } from "./shortcuts-dialog.tsx";
import { useShortcuts } from "./shortcuts.ts";
import { forgetSignedOut } from "./signed-out.ts";
import { changeSidebar, toggleSidebar, useNarrow, useSidebar } from "./sidebar-state.ts";
import { Sidebar, SidebarEdge } from "./sidebar.tsx";
import { useUnreadInTitle } from "./tab-title.ts";
import { watchChats } from "./watch.ts";

function closeDrawer(): void {
  changeSidebar({ drawerOpen: false });
}

/** Everything behind the sign-in: the sidebar, the page, and what a key brings up. */
export function AppShell(): ReactNode {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const sidebar = useSidebar();
  const isNarrow = useNarrow();
  const [paletteOpen, setPaletteOpen] = useState(false);
  const [shortcutsOpen, setShortcutsOpen] = useState(false);

  const [connected, setConnected] = useState(true);
  useEffect(forgetSignedOut, []);
  useEffect(() => watchChats(queryClient, setConnected), [queryClient]);
  useUnreadInTitle();
  useShortcuts({
    palette: () => setPaletteOpen((open) => !open),
    newChat: () => void navigate({ to: "/" }),
    sidebar: toggleSidebar,
    list: () => setShortcutsOpen(true),
  });

  const panel = (
    <Sidebar
      onFind={() => {
        closeDrawer();
        setPaletteOpen(true);
      }}
      onShortcuts={() => setShortcutsOpen(true)}
      onNavigate={closeDrawer}
      connected={connected}
      edge={!isNarrow && <SidebarEdge />}
    />
  );

  return (
    <div className="flex h-dvh overflow-hidden">
      <a
        href="#page"
        className="fixed top-2 left-2 z-50 -translate-y-20 rounded-md bg-accent px-3 py-2 font-medium text-accent-ink focus:translate-y-0"
      >
        Skip to the page
      </a>
      {isNarrow ? (
        <RadixDialog.Root open={sidebar.drawerOpen} onOpenChange={(open) => changeSidebar({ drawerOpen: open })}>
          <RadixDialog.Portal>
            <RadixDialog.Overlay className="fixed inset-0 z-30 bg-scrim" />
            <RadixDialog.Content
              aria-describedby={undefined}
              className="animate-enter fixed inset-y-0 left-0 z-30 w-[min(20rem,88vw)] border-r border-line-strong"
            >
              <RadixDialog.Title className="sr-only">Chats and pages</RadixDialog.Title>
              {panel}
            </RadixDialog.Content>
          </RadixDialog.Portal>
        </RadixDialog.Root>
      ) : (
        sidebar.open && (
          <div className="relative shrink-0" style={{ width: sidebar.width }}>
            {panel}
          </div>
        )
      )}
      <main id="page" tabIndex={-1} className="min-w-0 flex-1 outline-none">
        <Outlet />
      </main>
      <Palette open={paletteOpen} onOpenChange={setPaletteOpen} onShortcuts={() => setShortcutsOpen(true)} />
      <ShortcutsDialog open={shortcutsOpen} onOpenChange={setShortcutsOpen} />
    </div>
  );
}
