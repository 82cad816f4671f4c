import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useId, useState } from "react";
import {
  workspaceSharingSettings,
  type ShareableWorkspaceOwners,
  type WorkspaceSharingSettings,
} from "../../../../src/contract/organizations.ts";
import type { OrganizationRights } from "../../../../src/contract/rights.ts";
import { patch } from "../../api/client.ts";
import { sharingQuery } from "../../api/organization-queries.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { cx } from "../../ui/cx.ts";
import { FormFailure } from "../../ui/form-failure.tsx";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toaster.tsx";
import { counted } from "../../shell/names.ts";

const modes: readonly { mode: ShareableWorkspaceOwners; title: string; means: string }[] = [
  {
    mode: "everyone",
    title: "Everyone",
    means: "All members may share the workspaces that they own, with people and groups of this organisation.",
  },
  {
    mode: "service_accounts",
    title: "Service accounts only",
    means: "Only workspaces of service accounts can be shared. What belongs to a person stays theirs alone.",
  },
  {
    mode: "none",
    title: "Nobody",
    means: "No workspace can be shared. Everybody works in their own.",
  },
];

interface SharingFormProps {
  organization: OrganizationRights;
  settings: WorkspaceSharingSettings;
}

export function SharingForm({ organization, settings }: SharingFormProps): ReactNode {
  const queryClient = useQueryClient();
  const now = settings.shareable_workspace_owners;
  const [chosen, setChosen] = useState(now);
  const [confirming, setConfirming] = useState(false);
  const [saving, setSaving] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const changeable = organization.update && !settings.sharing_globally_disabled;
  const removed = chosen === now ? 0 : (settings.shares_removed?.[chosen] ?? 0);

  async function write(): Promise<void> {
    const path = `/organizations/${organization.id}/settings/workspace-sharing`;
    await patch(path, { shareable_workspace_owners: chosen }, workspaceSharingSettings);
    toast.success("Sharing is set");
    await queryClient.invalidateQueries({ queryKey: sharingQuery(organization.id).queryKey });
  }
  async function save(): Promise<void> {
    if (removed > 0) return setConfirming(true);
    setSaving(true);
    setFailure(null);
    try {
      await write();
    } catch (error) {
      setFailure(error);
    } finally {
      setSaving(false);
    }
  }

  return (
    <div className="flex flex-col gap-5">
      {settings.sharing_globally_disabled ? (
        <Notice tone="warning">
          <p className="font-medium">Sharing is switched off for the whole deployment.</p>
          <p className="mt-0.5">
            Nothing is shared in any organisation, whatever stands here, until whoever runs the deployment switches it
            on again.
          </p>
        </Notice>
      ) : (
        !organization.update && <Notice>Only admins of this organisation can change this.</Notice>
      )}
      <fieldset className="flex min-w-0 flex-col gap-3" disabled={!changeable}>
        <legend className="mb-3 font-medium">Workspaces that may be shared</legend>
        {modes.map(({ mode, title, means }) => (
          <ModeCard
            key={mode}
            title={title}
            means={means}
            chosen={chosen === mode}
            standing={now === mode && !settings.sharing_globally_disabled}
            changeable={changeable}
            takes={chosen === mode && mode !== now ? (settings.shares_removed?.[mode] ?? 0) : null}
            onChoose={() => setChosen(mode)}
          />
        ))}
      </fieldset>
      <FormFailure failure={failure} />
      {changeable && (
        <div className="flex gap-2">
          <Button variant="primary" disabled={chosen === now} busy={saving} onClick={() => void save()}>
            Save
          </Button>
          {chosen !== now && <Button onClick={() => setChosen(now)}>Cancel</Button>}
        </div>
      )}
      {confirming && (
        <ConfirmDialog
          title="Take these shares away?"
          action="Save and take them away"
          onConfirm={write}
          onClose={() => setConfirming(false)}
        >
          {counted(removed, "workspace")} {removed === 1 ? "loses its" : "lose their"} shares. Who works there now by a
          share is stopped at once. This can't be undone: another mode later does not bring them back.
        </ConfirmDialog>
      )}
    </div>
  );
}

interface ModeCardProps {
  title: string;
  means: string;
  chosen: boolean;
  /** What holds now. */
  standing: boolean;
  changeable: boolean;
  /** How many workspaces would lose shares; null where that is no question. */
  takes: number | null;
  onChoose: () => void;
}

function ModeCard({ title, means, chosen, standing, changeable, takes, onChoose }: ModeCardProps): ReactNode {
  const id = useId();
  return (
    <label
      className={cx(
        "flex items-start gap-3 rounded-lg border bg-overlay px-4 py-3.5 transition-colors duration-100",
        chosen ? "border-accent" : "border-line-strong",
        changeable && "cursor-pointer hover:bg-raised",
      )}
    >
      <input
        type="radio"
        name="shareable-workspace-owners"
        checked={chosen}
        onChange={onChoose}
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-means`}
        className="mt-[3px] size-4 shrink-0 accent-accent"
      />
      <span className="min-w-0">
        <span className="flex flex-wrap items-center gap-2">
          <span id={`${id}-title`} className="font-medium">
            {title}
          </span>
          {standing && <Badge tone="accent">Now</Badge>}
        </span>
        <span id={`${id}-means`} className="mt-0.5 block text-muted">
          {means}
        </span>
        <span role="status" className="block">
          {takes !== null && (
            <span className={cx("mt-2 block text-sm", takes > 0 ? "font-medium text-danger" : "text-muted")}>
              {takes > 0
                ? `${counted(takes, "workspace")} will lose ${takes === 1 ? "its" : "their"} shares. This can't be undone.`
                : "No workspace loses a share."}
            </span>
          )}
        </span>
      </span>
    </label>
  );
}
