import { Outlet } from "@tanstack/react-router";
import type { ReactNode } from "react";

/** Sidebar and page. */
export function AppShell(): ReactNode {
  return (
    <div className="flex h-dvh">
      <main id="page" className="min-w-0 flex-1">
        <Outlet />
      </main>
    </div>
  );
}
