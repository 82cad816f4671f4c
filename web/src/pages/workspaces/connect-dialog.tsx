import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck } from "lucide-react";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { createWorkspaceRequest, workspaceConnection } from "../../../../src/contract/workspaces.ts";
import type { Workspace, WorkspaceConnection } from "../../../../src/contract/workspaces.ts";
import { post } from "../../api/client.ts";
import { useForm } from "../../api/form.ts";
import { workspaceQuery, workspacesQuery } from "../../api/queries.ts";
import { shownName } from "../../shell/names.ts";
import { remember } from "../../shell/remembered.ts";
import { organizationOfNew, useOrganization, useRights } from "../../shell/rights.ts";
import { Button } from "../../ui/button.tsx";
import { CommandBlock } from "../../ui/command-block.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { Notice } from "../../ui/notice.tsx";
import { AgentStatus, machineWords } from "./agent-status.tsx";

/** How often it asks whether the agent has called: somebody is watching for it. */
const ASK_EVERY_MS = 1_500;

/** What a shell is, said before one is opened. */
export function ShellWarning(): ReactNode {
  return (
    <Notice tone="warning">
      <p className="font-medium">A shell is a shell.</p>
      <p className="mt-0.5">
        The agent can do there whatever the user who starts it can: read every file, use saved keys, reach the network.
        A container or a virtual machine made for it is the right place.
      </p>
    </Notice>
  );
}

interface ConnectDialogProps {
  /** Absent: a new workspace, which first needs a name. Else the workspace that gets a new agent. */
  workspace?: Workspace;
  onClose: () => void;
}

export function ConnectDialog({ workspace, onClose }: ConnectDialogProps): ReactNode {
  const [connection, setConnection] = useState<WorkspaceConnection | null>(null);
  if (connection !== null) return <CommandStep connection={connection} onClose={onClose} />;
  if (workspace !== undefined) return <RenewStep workspace={workspace} onDone={setConnection} onClose={onClose} />;
  return <NameStep onDone={setConnection} onClose={onClose} />;
}

interface StepProps {
  onDone: (connection: WorkspaceConnection) => void;
  onClose: () => void;
}

function NameStep({ onDone, onClose }: StepProps): ReactNode {
  const queryClient = useQueryClient();
  const form = useForm({
    initial: { name: "" },
    parse: (values) => createWorkspaceRequest.safeParse(values),
    async submit(request) {
      const body = { ...request, ...(await organizationOfNew(queryClient)) };
      onDone(await post("/workspaces", body, workspaceConnection, { idempotencyKey: crypto.randomUUID() }));
      await queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey });
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Connect a workspace"
      description="A workspace is a directory with code, on a machine that you choose. A small program runs beside it and dials out to here; nothing there has to listen."
    >
      <form {...form.props} className="flex flex-col gap-4">
        <ShellWarning />
        <Field label="Name" hint="How you will find it: the project, or the machine." error={form.errors.name}>
          {(control) => (
            <Input
              {...control}
              autoFocus
              autoComplete="off"
              spellCheck={false}
              placeholder="my-project"
              value={form.values.name}
              onChange={(event) => form.set("name", event.target.value)}
            />
          )}
        </Field>
        <WhereItBelongs />
        <FormFailure failure={form.failure} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            Show the command
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** Said where there are several: who can see it and share in it hangs on that. */
function WhereItBelongs(): ReactNode {
  const [organization] = useOrganization();
  if (useRights().organizations.length < 2 || organization?.is_member !== true) return null;
  return (
    <p className="text-sm text-muted">
      It belongs to <bdi className="font-medium text-ink">{shownName(organization)}</bdi>, the organisation that you
      have chosen.
    </p>
  );
}

function RenewStep({ workspace, onDone, onClose }: StepProps & { workspace: Workspace }): ReactNode {
  const queryClient = useQueryClient();
  const form = useForm({
    initial: {},
    parse: (values) => ({ success: true, data: values }),
    async submit() {
      onDone(await post(`/workspaces/${workspace.id}/builds`, {}, workspaceConnection));
      await queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey });
    },
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={`New connection for ${workspace.name}`}>
      <form {...form.props} className="flex flex-col gap-4">
        <p className="text-muted">
          This makes a new token and a new command. The agent that is connected now is cut off, and commands that it
          runs lose their way back. Chats keep the workspace and go on with the new agent.
        </p>
        <FormFailure failure={form.failure} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            Make a new command
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function CommandStep({ connection, onClose }: { connection: WorkspaceConnection; onClose: () => void }): ReactNode {
  const { name } = connection.workspace;
  const { data: workspace = connection.workspace } = useQuery({
    ...workspaceQuery(connection.workspace.id),
    refetchInterval: (query) => (query.state.data?.agent.status === "connected" ? false : ASK_EVERY_MS),
  });
  const connected = workspace.agent.status === "connected";
  const queryClient = useQueryClient();
  useEffect(() => {
    if (connected) void queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey });
  }, [connected, queryClient]);
  return (
    <Dialog
      open
      persistent={!connected}
      wide
      onOpenChange={(open) => !open && onClose()}
      title={connected ? `${name} is connected` : `Start the agent of ${name}`}
      description={
        connected
          ? undefined
          : "Run this in the directory with the code, on Linux or macOS with Node 22 or newer. It stays connected as long as it runs."
      }
    >
      <div className="flex flex-col gap-4">
        {connected ? (
          <div role="status" className="flex items-start gap-3 rounded-lg bg-success-soft px-4 py-3">
            <CircleCheck size={18} className="mt-0.5 shrink-0 text-success" aria-hidden />
            <div className="min-w-0">
              <p className="font-medium">The agent has called.</p>
              <p className="mt-0.5 text-muted">{machineWords(workspace.agent)}</p>
              <p className="truncate font-mono text-sm text-muted">{workspace.agent.directory}</p>
            </div>
          </div>
        ) : (
          <>
            <CommandBlock text={connection.command} label="Copy command" />
            <p className="text-sm text-muted">
              The token in it is shown this once. Whoever has it can pose as this workspace, so treat it like a
              password. If it is lost, make a new one here.
            </p>
            <div role="status" className="rounded-lg border border-line px-4 py-3">
              <AgentStatus agent={workspace.agent} />
            </div>
          </>
        )}
      </div>
      <DialogActions>
        <Button onClick={onClose}>{connected ? "Done" : "Close"}</Button>
        {connected && (
          <Button asChild variant="primary">
            <Link to="/" onClick={() => remember("workspace", workspace.id)}>
              Start a chat
            </Link>
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}
