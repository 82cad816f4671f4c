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

interface AddPersonDialogProps {
  onMade: (person: User) => void;
  onClose: () => void;
}

export function AddPersonDialog({ onMade, onClose }: AddPersonDialogProps): ReactNode {
  const changes = useAccountChanges();
  const placement = useFirstPlacement();
  const form = useForm({
    initial: { name: "", email: "", username: "", password: "", organization_ids: placement },
    parse: ({ organization_ids: chosen, ...values }) =>
      createUserRequest.safeParse({ ...values, ...placementOf(chosen) }),
    async submit(request) {
      onMade(await post("/users", request, user));
      await changes.refresh();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Add a person"
      description="You choose the first password and tell them. With an invite link they choose their own."
    >
      <form {...form.props} className="flex flex-col gap-4">
        <Field label="Name" optional error={form.errors.name}>
          {(control) => (
            <Input
              {...control}
              autoFocus
              autoComplete="off"
              value={form.values.name}
              onChange={(event) => form.set("name", event.target.value)}
            />
          )}
        </Field>
        <Field label="E-mail" error={form.errors.email}>
          {(control) => (
            <Input
              {...control}
              type="email"
              autoComplete="off"
              value={form.values.email}
              onChange={(event) => form.set("email", event.target.value)}
            />
          )}
        </Field>
        <Field label="User name" hint="Letters, digits, dashes and underscores." error={form.errors.username}>
          {(control) => (
            <Input
              {...control}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              value={form.values.username}
              onChange={(event) => form.set("username", event.target.value)}
            />
          )}
        </Field>
        <Field label="First password" hint="At least 10 characters." error={form.errors.password}>
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="new-password"
              value={form.values.password}
              onChange={(event) => form.set("password", event.target.value)}
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
            Add person
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
