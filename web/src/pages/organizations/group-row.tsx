import { useQueryClient } from "@tanstack/react-query";
import { Ellipsis, Pencil, Trash2, UsersRound } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import type { Group } from "../../../../src/contract/organizations.ts";
import { send } from "../../api/client.ts";
import { GROUPS_KEY } from "../../api/organization-queries.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button, IconButton } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { Menu, MenuItem, MenuLine } from "../../ui/menu.tsx";
import { GroupMembersDialog } from "./group-members-dialog.tsx";
import { GroupNameDialog } from "./group-name-dialog.tsx";
import { counted, shownName } from "../../shell/names.ts";

/** A group with how many are in it. That of everybody is what the organisation's members make it. */
export function GroupRow({ group, manages }: { group: Group; manages: boolean }): ReactNode {
  const [asking, setAsking] = useState<"members" | "rename" | "delete" | null>(null);
  const queryClient = useQueryClient();
  const name = group.is_everyone ? "Everyone" : shownName(group);
  const members = counted(group.member_count, "member");

  function close(): void {
    setAsking(null);
  }
  async function remove(): Promise<void> {
    await send("DELETE", `/groups/${group.id}`);
    await queryClient.invalidateQueries({ queryKey: GROUPS_KEY });
  }

  return (
    <li className="flex min-h-14 items-center justify-between gap-4 px-4 py-2.5" data-testid="group">
      <div className="min-w-0">
        <p className="flex min-w-0 items-center gap-2">
          <bdi className="truncate font-medium" title={name}>
            {name}
          </bdi>
          {group.is_everyone && <Badge>Fixed</Badge>}
        </p>
        <p className="truncate text-sm text-muted">
          {group.is_everyone ? (
            `${members}: all who are in the organisation`
          ) : (
            <>
              <span className="tabular">{members}</span>
              {name !== group.name && (
                <>
                  {" · "}
                  <bdi>{group.name}</bdi>
                </>
              )}
            </>
          )}
        </p>
      </div>
      {!group.is_everyone && (
        <div className="flex shrink-0 items-center gap-1">
          <Button size="sm" aria-label={`Members of ${name}`} onClick={() => setAsking("members")}>
            <UsersRound size={14} aria-hidden />
            Members
          </Button>
          {manages && (
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
              <MenuLine />
              <MenuItem danger icon={<Trash2 size={16} aria-hidden />} onSelect={() => setAsking("delete")}>
                Delete…
              </MenuItem>
            </Menu>
          )}
        </div>
      )}
      {asking === "members" && <GroupMembersDialog group={group} manages={manages} onClose={close} />}
      {asking === "rename" && <GroupNameDialog organizationId={group.organization_id} group={group} onClose={close} />}
      {asking === "delete" && (
        <ConfirmDialog title="Delete this group?" action="Delete" onConfirm={remove} onClose={close}>
          Everything that was shared with <bdi className="font-medium text-ink">{name}</bdi> is shared with it no more:{" "}
          {members} may lose workspaces and chats at once. The people stay in the organisation. This can't be undone.
        </ConfirmDialog>
      )}
    </li>
  );
}
