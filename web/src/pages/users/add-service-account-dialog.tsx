import type { ReactNode } from "react";
import { createUserRequest, user } from "../../../../src/contract/identity.ts";
import type { User } from "../../../../src/contract/identity.ts";
import { post } from "../../api/client.ts";
import { useForm } from "../../api/form.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { useAccountChanges } from "./changes.ts";
import { PlacementFields, placementOf, useFirstPlacement } from "./placement-fields.tsx";

interface AddServiceAccountDialogProps {
  onMade: (account: User) => void;
  onClose: () => void;
}

export function AddServiceAccountDialog({ onMade, onClose }: AddServiceAccountDialogProps): ReactNode {
  const changes = useAccountChanges();
  const placement = useFirstPlacement();
  const form = useForm({
    initial: { username: "", name: "", organization_ids: placement },
    parse: ({ organization_ids: chosen, ...values }) =>
      createUserRequest.safeParse({ ...values, service_account: true, ...placementOf(chosen) }),
    async submit(request) {
      onMade(await post("/users", request, user));
      await changes.refresh();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Add a service account"
      description="For a program: it never signs in, and acts by tokens that you make for it."
    >
      <form {...form.props} className="flex flex-col gap-4">
        <Field label="User name" hint="Letters, digits, dashes and underscores." error={form.errors.username}>
          {(control) => (
            <Input
              {...control}
              autoFocus
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              placeholder="ci-reviews"
              value={form.values.username}
              onChange={(event) => form.set("username", event.target.value)}
            />
          )}
        </Field>
        <Field label="What it is for" optional error={form.errors.name}>
          {(control) => (
            <Input
              {...control}
              autoComplete="off"
              placeholder="Reviews of pull requests"
              value={form.values.name}
              onChange={(event) => form.set("name", event.target.value)}
            />
          )}
        </Field>
        <PlacementFields
          placement={form.values.organization_ids}
          onChange={(next) => form.set("organization_ids", next)}
          error={form.errors.organization_ids}
        />
        <FormFailure failure={form.failure} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            Add service account
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
