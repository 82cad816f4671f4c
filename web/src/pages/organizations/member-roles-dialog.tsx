import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import {
  organizationMember,
  updateMemberRolesRequest,
  type AssignableOrganizationRole,
  type OrganizationMember,
  type OrganizationRole,
} from "../../../../src/contract/organizations.ts";
import { put } from "../../api/client.ts";
import { useForm } from "../../api/form.ts";
import { MEMBERS_KEY, organizationRolesQuery } from "../../api/organization-queries.ts";
import { rightsQuery } from "../../api/queries.ts";
import { Button } from "../../ui/button.tsx";
import { ChoiceRow, ChoiceRows } from "../../ui/choice-row.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { personName } from "../../shell/names.ts";

interface MemberRolesDialogProps {
  member: OrganizationMember;
  roles: readonly AssignableOrganizationRole[];
  isMe: boolean;
  onClose: () => void;
}

export function MemberRolesDialog({ member, roles, isMe, onClose }: MemberRolesDialogProps): ReactNode {
  const queryClient = useQueryClient();
  const initial: { roles: OrganizationRole[] } = { roles: member.roles };
  const form = useForm({
    initial,
    parse: (values) => updateMemberRolesRequest.safeParse(values),
    async submit(request) {
      const path = `/organizations/${member.organization_id}/members/${member.user_id}/roles`;
      await put(path, request, organizationMember);
      const changed = [
        MEMBERS_KEY,
        ...(isMe ? [rightsQuery.queryKey, organizationRolesQuery(member.organization_id).queryKey] : []),
      ];
      onClose();
      await Promise.all(changed.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
    },
  });
  const { roles: chosen } = form.values;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Roles in this organisation"
      description={
        <>
          What <bdi className="font-medium text-ink">{personName(member)}</bdi> may do beyond what every member may. It
          holds from the next moment on, also for what is open now.
        </>
      }
    >
      <form {...form.props} className="flex flex-col gap-4">
        <ChoiceRows label="Roles">
          {roles.map(({ name, display_name: title, description, assignable }) => (
            <ChoiceRow
              key={name}
              type="checkbox"
              name="roles"
              title={title}
              description={description}
              checked={chosen.includes(name)}
              disabled={!assignable}
              onChange={(checked) =>
                form.set("roles", checked ? [...chosen, name] : chosen.filter((role) => role !== name))
              }
            />
          ))}
        </ChoiceRows>
        <FormFailure failure={form.failure} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            Save roles
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
