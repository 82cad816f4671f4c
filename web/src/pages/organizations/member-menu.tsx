import { useQueryClient } from "@tanstack/react-query";
import { Ellipsis, UserRoundCog, UserRoundMinus } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import type { AssignableOrganizationRole, OrganizationMember } from "../../../../src/contract/organizations.ts";
import { send } from "../../api/client.ts";
import { GROUPS_KEY, MEMBERS_KEY } from "../../api/organization-queries.ts";
import { rightsQuery } from "../../api/queries.ts";
import { IconButton } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { Menu, MenuItem, MenuLine } from "../../ui/menu.tsx";
import { toast } from "../../ui/toaster.tsx";
import { MemberRolesDialog } from "./member-roles-dialog.tsx";
import { personName } from "../../shell/names.ts";

interface MemberMenuProps {
  member: OrganizationMember;
  roles: readonly AssignableOrganizationRole[];
  isMe: boolean;
}

/** What whoever manages members may do with one. */
export function MemberMenu({ member, roles, isMe }: MemberMenuProps): ReactNode {
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState<"roles" | "remove" | null>(null);
  const name = personName(member);

  async function remove(): Promise<void> {
    await send("DELETE", `/organizations/${member.organization_id}/members/${member.user_id}`);
    toast.success(isMe ? "You have left the organisation" : `${name} is no member any more`);
    const changed = [MEMBERS_KEY, GROUPS_KEY, ...(isMe ? [rightsQuery.queryKey] : [])];
    await Promise.all(changed.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
  }

  return (
    <>
      <Menu
        trigger={
          <IconButton label={`More about ${name}`}>
            <Ellipsis size={16} aria-hidden />
          </IconButton>
        }
      >
        <MenuItem icon={<UserRoundCog size={16} aria-hidden />} onSelect={() => setAsking("roles")}>
          Roles…
        </MenuItem>
        <MenuLine />
        <MenuItem danger icon={<UserRoundMinus size={16} aria-hidden />} onSelect={() => setAsking("remove")}>
          {isMe ? "Leave…" : "Remove…"}
        </MenuItem>
      </Menu>
      {asking === "roles" && (
        <MemberRolesDialog member={member} roles={roles} isMe={isMe} onClose={() => setAsking(null)} />
      )}
      {asking === "remove" && (
        <ConfirmDialog
          title={isMe ? "Leave this organisation?" : "Remove this member?"}
          action={isMe ? "Leave" : "Remove"}
          onConfirm={remove}
          onClose={() => setAsking(null)}
        >
          <p>
            <bdi className="font-medium text-ink">{name}</bdi> loses at once, and for good:
          </p>
          <ul className="mt-2 list-disc pl-5">
            <li>the roles in this organisation,</li>
            <li>its groups, and what is shared with them,</li>
            <li>the workspaces and chats that others here have shared.</li>
          </ul>
          <p className="mt-2">The account stays, and so do chats and workspaces. Who is added again begins anew.</p>
        </ConfirmDialog>
      )}
    </>
  );
}
