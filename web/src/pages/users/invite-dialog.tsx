import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useState } from "react";
import { createdAccountLink, createInviteRequest } from "../../../../src/contract/identity.ts";
import { invitesQuery } from "../../api/account-queries.ts";
import { post } from "../../api/client.ts";
import { useForm } from "../../api/form.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { LinkOnceDialog } from "./link-once.tsx";
import { PlacementFields, placementOf, useFirstPlacement } from "./placement-fields.tsx";

export function InviteDialog({ onClose }: { onClose: () => void }): ReactNode {
  const queryClient = useQueryClient();
  const placement = useFirstPlacement();
  const [made, setMade] = useState<{ url: string; expiresAt: string; email: string } | null>(null);
  const form = useForm({
    initial: { email: "", organization_ids: placement },
    parse: (values) => createInviteRequest.safeParse({ email: values.email, ...placementOf(values.organization_ids) }),
    async submit(request) {
      const { url, link } = await post("/invites", request, createdAccountLink);
      setMade({ url, expiresAt: link.expires_at, email: link.email });
      await queryClient.invalidateQueries({ queryKey: invitesQuery.queryKey });
    },
  });
  if (made !== null) {
    return (
      <LinkOnceDialog title="Copy the invite now" url={made.url} expiresAt={made.expiresAt} onClose={onClose}>
        {made.email === "" ? (
          "Send it to the person. They choose their own user name and password."
        ) : (
          <>
            Send it to <bdi className="font-medium text-ink">{made.email}</bdi>; it makes an account for this address
            only. They choose their own user name and password.
          </>
        )}
      </LinkOnceDialog>
    );
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Invite by link"
      description="One person makes their own account with it. It works once, for seven days."
    >
      <form {...form.props} className="flex flex-col gap-4">
        <Field
          label="E-mail"
          optional
          hint="Then the link makes an account for this address only. Nothing is sent: you pass the link on."
          error={form.errors.email && "Give an e-mail address, such as ada@example.com, or leave it empty."}
        >
          {(control) => (
            <Input
              {...control}
              type="email"
              autoFocus
              autoComplete="off"
              value={form.values.email}
              onChange={(event) => form.set("email", event.target.value)}
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
            Make the link
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
