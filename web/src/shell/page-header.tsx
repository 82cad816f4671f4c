import { PanelLeft } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "../ui/button.tsx";
import { cx } from "../ui/cx.ts";
import { toggleSidebar, useNarrow, useSidebar } from "./sidebar-state.ts";

interface PageHeaderProps {
  /** The page's `h1`, or what stands in its place. */
  title: ReactNode;
  /** Beside the title: a status, a badge. */
  aside?: ReactNode;
  /** At the right end, in the same one row. */
  actions?: ReactNode;
  /** A hairline below, for pages whose content scrolls under it. */
  lined?: boolean;
}

/** The one row at the top of every page; where the sidebar is away it holds the button that brings it back. */
export function PageHeader({ title, aside, actions, lined = true }: PageHeaderProps): ReactNode {
  const sidebar = useSidebar();
  const isNarrow = useNarrow();
  return (
    <header className={cx("flex h-12 shrink-0 items-center gap-2 px-3 md:px-4", lined && "border-b border-line")}>
      {(isNarrow || !sidebar.open) && (
        <IconButton label="Show sidebar" shortcut="[" size="md" side="right" onClick={toggleSidebar} className="-ml-1">
          <PanelLeft size={16} aria-hidden />
        </IconButton>
      )}
      <div className="flex min-w-0 flex-1 items-center gap-2.5">
        <h1 className="truncate text-base font-semibold">{title}</h1>
        {aside}
      </div>
      {actions !== undefined && <div className="flex shrink-0 items-center gap-1.5">{actions}</div>}
    </header>
  );
}
