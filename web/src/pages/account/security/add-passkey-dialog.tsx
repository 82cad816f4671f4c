import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import {
  confirmedRequest,
  passkey,
  passkeyCreation,
  renamePasskeyRequest,
} from "../../../../../src/contract/sign-in.ts";
import type { SignInMethods } from "../../../../../src/contract/sign-in.ts";
import { post } from "../../../api/client.ts";
import { useForm } from "../../../api/form.ts";
import { makePasskey } from "../../../api/passkey.ts";
import { passkeysQuery, signInMethodsQuery } from "../../../api/sign-in-queries.ts";
import { Button } from "../../../ui/button.tsx";
import { Dialog, DialogActions } from "../../../ui/dialog.tsx";
import { Field, Input } from "../../../ui/field.tsx";
import { FormFailure } from "../../../ui/form-failure.tsx";
import { toast } from "../../../ui/toaster.tsx";
import { clientWords } from "../client-words.ts";
import { Confirmation, givenPassword } from "./confirmation.tsx";

const request = renamePasskeyRequest.extend(confirmedRequest.shape);

interface AddPasskeyDialogProps {
  confirmation: SignInMethods["confirmation"];
  onClose: () => void;
}

/** A name first, since the browser's own dialog comes over ours and ends with the passkey made. */
export function AddPasskeyDialog({ confirmation, onClose }: AddPasskeyDialogProps): ReactNode {
  const queryClient = useQueryClient();
  const form = useForm({
    initial: { name: clientWords(navigator.userAgent), password: "" },
    parse: ({ name, password }) => request.safeParse({ name, ...givenPassword(password) }),
    async submit({ name, ...confirmed }) {
      const { ticket, public_key } = await post("/users/me/passkeys/options", confirmed, passkeyCreation);
      const credential = await makePasskey(public_key);
      await post("/users/me/passkeys", { ticket, name, credential }, passkey);
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: passkeysQuery.queryKey }),
        queryClient.invalidateQueries({ queryKey: signInMethodsQuery.queryKey }),
      ]);
      toast.success("Passkey added", { description: "Next time, choose “Use a passkey” to sign in." });
      onClose();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Add a passkey"
      description="Your browser asks next where to keep it."
    >
      <form {...form.props} className="flex flex-col gap-4">
        <Field label="Name" hint="Where it is kept, so that you know it later." error={form.errors.name}>
          {(control) => (
            <Input
              {...control}
              autoComplete="off"
              value={form.values.name}
              onChange={(event) => form.set("name", event.target.value)}
            />
          )}
        </Field>
        <Confirmation
          needed={confirmation}
          value={form.values.password}
          onChange={(password) => form.set("password", password)}
          error={form.errors.password}
        />
        <FormFailure failure={form.failure} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy} disabled={confirmation === "sign_in"}>
            Continue
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
