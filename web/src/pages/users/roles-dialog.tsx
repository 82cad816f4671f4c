import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { updateRolesRequest, user } from "../../../../src/contract/identity.ts";
import type { SiteRole, User } from "../../../../src/contract/identity.ts";
import { siteRolesQuery } from "../../api/account-queries.ts";
import { put } from "../../api/client.ts";
import { useForm } from "../../api/form.ts";
import { meQuery, rightsQuery } from "../../api/queries.ts";
import { useMe } from "../../shell/me.ts";
import { personName } from "../../shell/names.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { useAccountChanges } from "./changes.ts";
import { RoleRows } from "./role-rows.tsx";

export function RolesDialog({ account, onClose }: { account: User; onClose: () => void }): ReactNode {
  const roles = useQuery(siteRolesQuery);
  const me = useMe();
  const queryClient = useQueryClient();
  const changes = useAccountChanges();
  const initial: { roles: SiteRole[] } = { roles: account.roles };
  const form = useForm({
    initial,
    parse: (values) => updateRolesRequest.safeParse(values),
    async submit(request) {
      const changed = await put(`/users/${account.id}/roles`, request, user);
      if (account.id === me.id) {
        queryClient.setQueryData(meQuery.queryKey, changed);
        await Promise.all(
          [rightsQuery, siteRolesQuery].map(({ queryKey }) => queryClient.invalidateQueries({ queryKey })),
        );
      }
      onClose();
      await changes.show(changed);
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Roles"
      description={
        <>
          What <bdi className="font-medium text-ink">{personName(account)}</bdi> may do here. It holds from the next
          moment on, also for what is open now.
        </>
      }
    >
      <form {...form.props} className="flex flex-col gap-4">
        {roles.isPending ? (
          <Skeleton className="h-64" />
        ) : roles.data === undefined ? (
          <ErrorState error={roles.error} doing="load the roles" onRetry={() => void roles.refetch()} />
        ) : (
          <RoleRows
            roles={roles.data}
            chosen={form.values.roles}
            fixed={account.roles}
            onChange={(chosen) => form.set("roles", chosen)}
          />
        )}
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
