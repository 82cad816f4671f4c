import { Link } from "@tanstack/react-router";
import { CloudOff, PanelLeftClose, Search, Server, SquarePen } from "lucide-react";
import type { ComponentProps, KeyboardEvent, PointerEvent, ReactNode } from "react";
import { useEffect, useState } from "react";
import { Wordmark } from "../ui/brand.tsx";
import { IconButton } from "../ui/button.tsx";
import { cx } from "../ui/cx.ts";
import { Keys } from "../ui/keys.tsx";
import { ChatNav } from "./chat-nav.tsx";
import { changeSidebar, SIDEBAR_MAX_PX, SIDEBAR_MIN_PX, toggleSidebar, useSidebar } from "./sidebar-state.ts";
import { UserMenu } from "./user-menu.tsx";

interface SidebarProps {
  onFind: () => void;
  onShortcuts: () => void;
  /** Something was opened: a drawer closes on it. */
  onNavigate: () => void;
  /** False while what the list shows may be old. */
  connected: boolean;
  /** What moves its edge, where it stands beside the page. */
  edge?: ReactNode;
}

const row = "flex h-8 w-full items-center gap-2.5 rounded-md px-2 text-base text-muted hover:bg-raised hover:text-ink";

export function Sidebar({ onFind, onShortcuts, onNavigate, connected, edge }: SidebarProps): ReactNode {
  return (
    <aside aria-label="Sidebar" className="flex h-full flex-col bg-surface pb-[env(safe-area-inset-bottom)]">
      <div className="flex h-12 shrink-0 items-center justify-between pr-2 pl-4">
        <Link to="/" onClick={onNavigate} aria-label="Tideline: new chat" className="rounded-sm">
          <Wordmark />
        </Link>
        <IconButton label="Hide sidebar" shortcut="[" side="right" onClick={toggleSidebar}>
          <PanelLeftClose size={16} aria-hidden />
        </IconButton>
      </div>
      <nav aria-label="Main" className="flex shrink-0 flex-col gap-px px-2 pb-1">
        <NavLink to="/" onClick={onNavigate} activeOptions={{ exact: true }}>
          <SquarePen size={16} aria-hidden />
          New chat
        </NavLink>
        <button type="button" className={row} onClick={onFind}>
          <Search size={16} aria-hidden />
          <span className="flex-1 text-left">Find</span>
          <span className="[@media(hover:none)]:hidden">
            <Keys keys="mod+k" />
          </span>
        </button>
        <NavLink to="/workspaces" onClick={onNavigate}>
          <Server size={16} aria-hidden />
          Workspaces
        </NavLink>
      </nav>
      <nav aria-label="Chats" className="min-h-0 flex-1 overflow-y-auto border-t border-line px-2 pb-3">
        <ChatNav onOpen={onNavigate} />
      </nav>
      <ConnectionNote connected={connected} />
      <div className="shrink-0 border-t border-line p-2">
        <UserMenu onNavigate={onNavigate} onShortcuts={onShortcuts} />
      </div>
      {edge}
    </aside>
  );
}

/** A reconnect that is quicker than this is nobody's business. */
const QUIET_MS = 3_000;

function ConnectionNote({ connected }: { connected: boolean }): ReactNode {
  const [told, setTold] = useState(false);
  useEffect(() => {
    if (connected) return setTold(false);
    const timer = setTimeout(() => setTold(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, [connected]);
  return (
    <div role="status" className="shrink-0 text-sm text-warning">
      {told && (
        <p className="flex items-center gap-2.5 border-t border-line px-4 py-2">
          <CloudOff size={16} aria-hidden />
          Reconnecting…
        </p>
      )}
    </div>
  );
}

function NavLink({ className, ...rest }: ComponentProps<typeof Link>): ReactNode {
  return (
    <Link {...rest} className={cx(row, "aria-[current=page]:bg-raised aria-[current=page]:text-ink", className)} />
  );
}

/** How far an arrow key moves the edge. */
const KEY_STEP_PX = 16;

/** The edge of the sidebar: drag it, or move it with the arrow keys. */
export function SidebarEdge(): ReactNode {
  const { width } = useSidebar();

  function drag(event: PointerEvent<HTMLDivElement>): void {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) changeSidebar({ width: event.clientX });
  }
  function move(event: KeyboardEvent): void {
    const step = { ArrowLeft: -KEY_STEP_PX, ArrowRight: KEY_STEP_PX }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    changeSidebar({ width: width + step });
  }

  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the sidebar"
      aria-valuenow={width}
      aria-valuemin={SIDEBAR_MIN_PX}
      aria-valuemax={SIDEBAR_MAX_PX}
      tabIndex={0}
      onKeyDown={move}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onDoubleClick={() => changeSidebar({ width: 272 })}
      className="group absolute inset-y-0 -right-1 z-10 w-2 cursor-col-resize touch-none outline-none"
    >
      <div className="mx-auto h-full w-px bg-line group-hover:bg-accent group-focus-visible:w-[3px] group-focus-visible:bg-accent group-active:bg-accent" />
    </div>
  );
}
