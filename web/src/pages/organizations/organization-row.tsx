import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import type { Organization } from "../../../../src/contract/organizations.ts";
import { send } from "../../api/client.ts";
import { organizationsQuery } from "../../api/organization-queries.ts";
import { rightsQuery } from "../../api/queries.ts";
import { useOrganization, useRights } from "../../shell/rights.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button, IconButton } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { Menu, MenuItem, MenuLine } from "../../ui/menu.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { shownName } from "../../shell/names.ts";
import { OrganizationNameDialog } from "./organization-name-dialog.tsx";

interface OrganizationRowProps {
  organization: Organization;
  mayDelete: boolean;
}

export function OrganizationRow({ organization, mayDelete }: OrganizationRowProps): ReactNode {
  const queryClient = useQueryClient();
  const [chosen, choose] = useOrganization();
  const [asking, setAsking] = useState<"rename" | "delete" | null>(null);
  const here = useRights().organizations.find(({ id }) => id === organization.id);
  const name = shownName(organization);

  async function remove(): Promise<void> {
    await send("DELETE", `/organizations/${organization.id}`);
    const changed = [organizationsQuery.queryKey, rightsQuery.queryKey];
    await Promise.all(changed.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
  }

  return (
    <li className="flex min-h-14 items-center justify-between gap-4 px-4 py-2.5" data-testid="organization">
      <div className="min-w-0">
        <p className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
          <bdi className="max-w-full truncate font-medium" title={name}>
            {name}
          </bdi>
          {organization.is_default && <Badge>Default</Badge>}
          {chosen?.id === organization.id && <Badge tone="accent">Chosen</Badge>}
        </p>
        <p className="truncate text-sm text-muted">
          <bdi>{organization.name}</bdi> · made <RelativeTime at={organization.created_at} />
          {here?.is_member === false && " · you are not a member"}
        </p>
      </div>
      <div className="flex shrink-0 items-center gap-1">
        {here?.read_members === true && (
          <Button asChild size="sm">
            <Link to="/settings/members" aria-label={`Members of ${name}`} onClick={() => choose(organization.id)}>
              Members
            </Link>
          </Button>
        )}
        {here?.update === true && (
          <Menu
            trigger={
              <IconButton label={`More about ${name}`}>
                <Ellipsis size={16} aria-hidden />
              </IconButton>
            }
          >
            <MenuItem icon={<Pencil size={16} aria-hidden />} onSelect={() => setAsking("rename")}>
              Rename…
            </MenuItem>
            {mayDelete && !organization.is_default && (
              <>
                <MenuLine />
                <MenuItem danger icon={<Trash2 size={16} aria-hidden />} onSelect={() => setAsking("delete")}>
                  Delete…
                </MenuItem>
              </>
            )}
          </Menu>
        )}
      </div>
      {asking === "rename" && <OrganizationNameDialog organization={organization} onClose={() => setAsking(null)} />}
      {asking === "delete" && (
        <ConfirmDialog
          title="Delete this organisation?"
          action="Delete"
          onConfirm={remove}
          onClose={() => setAsking(null)}
        >
          <bdi className="font-medium text-ink">{name}</bdi> can go only when nobody else and nothing is left in it. Its
          groups and settings go with it, and its name is free again; the audit log keeps what was done. This can't be
          undone.
        </ConfirmDialog>
      )}
    </li>
  );
}
