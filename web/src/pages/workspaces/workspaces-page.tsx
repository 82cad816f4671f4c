import type { ReactNode } from "react";

export function WorkspacesPage(): ReactNode {
  return <h1>Workspaces</h1>;
}
