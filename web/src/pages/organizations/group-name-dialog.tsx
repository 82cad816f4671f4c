import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { createGroupRequest, group as groupSchema, type Group } from "../../../../src/contract/organizations.ts";
import { patch, post } from "../../api/client.ts";
import { GROUPS_KEY } from "../../api/organization-queries.ts";
import { NameDialog } from "./name-dialog.tsx";

interface GroupNameDialogProps {
  organizationId: string;
  /** Absent: a new group. */
  group?: Group;
  onClose: () => void;
}

export function GroupNameDialog({ organizationId, group, onClose }: GroupNameDialogProps): ReactNode {
  const queryClient = useQueryClient();
  return (
    <NameDialog
      title={group === undefined ? "Create a group" : "Rename the group"}
      description={group === undefined ? "You choose its members afterwards." : undefined}
      action={group === undefined ? "Create" : "Rename"}
      initial={{ name: group?.name ?? "", display_name: group?.display_name ?? "" }}
      nameHint="Letters, digits, dashes and underscores."
      parse={(names) => createGroupRequest.safeParse(names)}
      submit={async (request) => {
        if (group === undefined) await post(`/organizations/${organizationId}/groups`, request, groupSchema);
        else await patch(`/groups/${group.id}`, request, groupSchema);
        await queryClient.invalidateQueries({ queryKey: GROUPS_KEY });
      }}
      onClose={onClose}
    />
  );
}
