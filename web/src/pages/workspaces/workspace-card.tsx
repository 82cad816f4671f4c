import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Ellipsis, PenLine, Share2, Terminal, Unplug, UsersRound } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { createWorkspaceRequest, workspace as workspaceSchema } from "../../../../src/contract/workspaces.ts";
import type { Workspace } from "../../../../src/contract/workspaces.ts";
import { patch, send } from "../../api/client.ts";
import { useForm } from "../../api/form.ts";
import { workspacesQuery } from "../../api/queries.ts";
import { remember } from "../../shell/remembered.ts";
import { ShareDialog } from "../../sharing/share-dialog.tsx";
import { workspaceTarget } from "../../sharing/share-target.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button, IconButton } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { Menu, MenuItem, MenuLine } from "../../ui/menu.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { AgentStatus, machineWords } from "./agent-status.tsx";
import { ConnectDialog } from "./connect-dialog.tsx";

type Asking = "rename" | "connect" | "share" | "forget" | null;

type WorkspaceAction = NonNullable<Workspace["your_actions"]>[number];

export function WorkspaceCard({ workspace }: { workspace: Workspace }): ReactNode {
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState<Asking>(null);
  const { agent } = workspace;
  const machine = machineWords(agent);
  const owns = (workspace.your_role ?? "owner") === "owner";
  const may = (action: WorkspaceAction) => workspace.your_actions?.includes(action) ?? owns;
  // Its owner is told why not, where it can't be shared; to others it is not offered.
  const offersSharing = owns || may("share");

  function close(): void {
    setAsking(null);
  }
  async function forget(): Promise<void> {
    await send("DELETE", `/workspaces/${workspace.id}`);
    await queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey });
  }

  return (
    <li className="flex flex-col gap-2 rounded-lg border border-line bg-overlay py-3 pr-3 pl-4" data-testid="workspace">
      <div className="flex items-center gap-3">
        <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-4 gap-y-0.5">
          <h2 className="truncate text-md font-semibold">{workspace.name}</h2>
          {!owns && <OwnerMark workspace={workspace} />}
          <AgentStatus agent={agent} />
        </div>
        {agent.status === "connected" && may("use") && (
          <Button asChild size="sm" className="max-sm:hidden">
            <Link to="/" onClick={() => remember("workspace", workspace.id)}>
              Start a chat
            </Link>
          </Button>
        )}
        {agent.status !== "connected" && may("update") && (
          <Button size="sm" onClick={() => setAsking("connect")} className="max-sm:hidden">
            {agent.status === "connecting" ? "New command" : "Connect again"}
          </Button>
        )}
        {(may("update") || may("delete") || offersSharing) && (
          <Menu
            trigger={
              <IconButton label={`More about ${workspace.name}`}>
                <Ellipsis size={16} aria-hidden />
              </IconButton>
            }
          >
            {may("update") && (
              <>
                <MenuItem icon={<PenLine size={16} aria-hidden />} onSelect={() => setAsking("rename")}>
                  Rename…
                </MenuItem>
                <MenuItem icon={<Terminal size={16} aria-hidden />} onSelect={() => setAsking("connect")}>
                  New connection command…
                </MenuItem>
              </>
            )}
            {offersSharing && (
              <MenuItem icon={<Share2 size={16} aria-hidden />} onSelect={() => setAsking("share")}>
                Share…
              </MenuItem>
            )}
            {may("delete") && (
              <>
                <MenuLine />
                <MenuItem danger icon={<Unplug size={16} aria-hidden />} onSelect={() => setAsking("forget")}>
                  Forget…
                </MenuItem>
              </>
            )}
          </Menu>
        )}
      </div>
      <dl className="grid gap-x-6 gap-y-1 text-sm text-muted sm:grid-cols-[minmax(0,1fr)_auto]">
        <div className="min-w-0">
          <dt className="sr-only">Directory</dt>
          <dd className="truncate font-mono" title={agent.directory}>
            {agent.directory === "" ? (
              <span className="font-sans text-faint">Its command has not been run yet</span>
            ) : (
              agent.directory
            )}
          </dd>
        </div>
        <div className="text-faint">
          <dt className="sr-only">Machine</dt>
          <dd>
            {machine === "" ? (
              <>
                Made <RelativeTime at={workspace.latest_build.created_at} />
              </>
            ) : (
              machine
            )}
          </dd>
        </div>
      </dl>
      {asking === "rename" && <RenameDialog workspace={workspace} onClose={close} />}
      {asking === "connect" && <ConnectDialog workspace={workspace} onClose={close} />}
      {asking === "share" && <ShareDialog target={workspaceTarget(workspace)} onClose={close} />}
      {asking === "forget" && (
        <ConfirmDialog title={`Forget ${workspace.name}?`} action="Forget" onConfirm={forget} onClose={close}>
          Its agent is cut off and its token stops working. The files on the machine stay as they are, and so do your
          chats; they just have no workspace any more. This can't be undone.
        </ConfirmDialog>
      )}
    </li>
  );
}

/** Whose it is, and why it is here. */
function OwnerMark({ workspace }: { workspace: Workspace }): ReactNode {
  const lent = workspace.your_role === "use" || workspace.your_role === "admin";
  return (
    <span data-testid="workspace-owner" className="flex min-w-0 items-center gap-2 text-sm text-muted">
      {lent && (
        <Badge>
          <UsersRound size={12} aria-hidden />
          Shared with you
        </Badge>
      )}
      <span className="min-w-0 truncate">
        of <bdi className="text-ink">{workspace.owner_name}</bdi>
      </span>
    </span>
  );
}

function RenameDialog({ workspace, onClose }: { workspace: Workspace; onClose: () => void }): ReactNode {
  const queryClient = useQueryClient();
  const form = useForm({
    initial: { name: workspace.name },
    parse: (values) => createWorkspaceRequest.safeParse(values),
    async submit(request) {
      await patch(`/workspaces/${workspace.id}`, request, workspaceSchema);
      await queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey });
      onClose();
    },
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Rename workspace">
      <form {...form.props} className="flex flex-col gap-4">
        <Field label="Name" error={form.errors.name}>
          {(control) => (
            <Input
              {...control}
              spellCheck={false}
              value={form.values.name}
              onFocus={(event) => event.target.select()}
              onChange={(event) => form.set("name", event.target.value)}
            />
          )}
        </Field>
        <FormFailure failure={form.failure} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            Rename
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
