import { useQuery } from "@tanstack/react-query";
import { Plus, Server } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { liveWorkspacesQuery } from "../../api/queries.ts";
import { Page } from "../../shell/page.tsx";
import { Button } from "../../ui/button.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { ConnectDialog, ShellWarning } from "./connect-dialog.tsx";
import { WorkspaceCard } from "./workspace-card.tsx";

/** Where agents may work: what is connected, and how to connect more. */
export function WorkspacesPage(): ReactNode {
  const workspaces = useQuery(liveWorkspacesQuery);
  const [connecting, setConnecting] = useState(false);

  function content(): ReactNode {
    if (workspaces.isPending) {
      return (
        <div aria-busy role="status" aria-label="Loading workspaces" className="flex flex-col gap-3">
          <Skeleton className="h-24 rounded-lg" />
          <Skeleton className="h-24 rounded-lg" />
        </div>
      );
    }
    if (workspaces.data === undefined) {
      return (
        <ErrorState error={workspaces.error} doing="load your workspaces" onRetry={() => void workspaces.refetch()} />
      );
    }
    const list = workspaces.data.workspaces;
    if (list.length === 0) {
      return (
        <>
          <EmptyState
            icon={<Server size={24} aria-hidden />}
            title="No workspace is connected yet"
            action={
              <Button variant="primary" onClick={() => setConnecting(true)}>
                Connect a workspace
              </Button>
            }
          >
            A workspace is where an agent reads, edits and runs your code: a directory on a machine of yours. Without
            one, chats can only talk.
          </EmptyState>
          <ShellWarning />
        </>
      );
    }
    return (
      <ul className="flex flex-col gap-3">
        {list.map((workspace) => (
          <WorkspaceCard key={workspace.id} workspace={workspace} />
        ))}
      </ul>
    );
  }

  return (
    <Page
      title="Workspaces"
      actions={
        <Button size="sm" variant="primary" onClick={() => setConnecting(true)}>
          <Plus size={14} aria-hidden />
          Connect
        </Button>
      }
    >
      <div className="flex flex-col gap-5">
        <p className="max-w-measure text-md text-muted">
          Where agents work: directories on machines that you chose. They dial out to here, and every chat can use them.
        </p>
        {content()}
      </div>
      {connecting && <ConnectDialog onClose={() => setConnecting(false)} />}
    </Page>
  );
}
