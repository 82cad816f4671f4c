import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useState } from "react";
import { createTokenRequest, createTokenResponse } from "../../../../src/contract/identity.ts";
import { tokensQuery } from "../../api/account-queries.ts";
import { post } from "../../api/client.ts";
import { useForm } from "../../api/form.ts";
import { Button } from "../../ui/button.tsx";
import { CommandBlock } from "../../ui/command-block.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { Select } from "../../ui/select.tsx";
import { ScopeChoice } from "./scope-choice.tsx";
import type { ScopeMode } from "./scope-choice.tsx";
import { scopePresets, scopesOf } from "./scope-words.ts";
import type { ScopePair } from "./scope-words.ts";

const DAY_SECONDS = 86_400;
const lifetimes = [
  { value: String(7 * DAY_SECONDS), label: "7 days" },
  { value: String(30 * DAY_SECONDS), label: "30 days" },
  { value: String(90 * DAY_SECONDS), label: "90 days" },
  { value: String(365 * DAY_SECONDS), label: "One year" },
];

const everything: { mode: ScopeMode; pairs: ScopePair[] } = {
  mode: "all",
  pairs: [{ action: "read", resource: "chat" }],
};

interface CreateTokenDialogProps {
  /** Whose: an id, or "me". */
  user: string;
  title: string;
  onClose: () => void;
}

/** Asks what a token is for and what it may do, then shows it, once. */
export function CreateTokenDialog({ user, title, onClose }: CreateTokenDialogProps): ReactNode {
  const queryClient = useQueryClient();
  const [key, setKey] = useState<string | null>(null);
  const form = useForm({
    initial: {
      token_name: "",
      lifetime_seconds: String(30 * DAY_SECONDS),
      scopes: everything,
    },
    parse: ({ scopes, ...values }) =>
      createTokenRequest.safeParse({
        ...values,
        lifetime_seconds: Number(values.lifetime_seconds),
        scopes: scopePresets.find(({ value }) => value === scopes.mode)?.scopes ?? scopesOf(scopes.pairs),
      }),
    async submit(request) {
      const made = await post(`/users/${user}/keys/tokens`, request, createTokenResponse);
      setKey(made.key);
      const { queryKey } = tokensQuery(user);
      // A first reading that is still under way began before there was this token, and would be taken for the new one.
      await queryClient.cancelQueries({ queryKey });
      await queryClient.invalidateQueries({ queryKey });
    },
  });
  const { scopes } = form.values;
  if (key !== null) {
    return (
      <Dialog
        open
        persistent
        onOpenChange={(open) => !open && onClose()}
        title="Copy the token now"
        description="It is shown this once and kept nowhere. If it is lost, make another and revoke this one."
      >
        <CommandBlock text={key} label="Copy token" />
        <DialogActions>
          <Button variant="primary" onClick={onClose}>
            I have copied it
          </Button>
        </DialogActions>
      </Dialog>
    );
  }
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={title}>
      <form {...form.props} className="flex flex-col gap-4">
        <Field
          label="Name"
          hint="What it is for, so that you know later."
          error={form.errors.token_name && "Give it a name of up to 64 characters."}
        >
          {(control) => (
            <Input
              {...control}
              autoFocus
              autoComplete="off"
              placeholder="Nightly report"
              value={form.values.token_name}
              onChange={(event) => form.set("token_name", event.target.value)}
            />
          )}
        </Field>
        <Field label="Works for" error={form.errors.lifetime_seconds}>
          {(control) => (
            <Select
              {...control}
              value={form.values.lifetime_seconds}
              onValueChange={(value) => form.set("lifetime_seconds", value)}
              options={lifetimes}
            />
          )}
        </Field>
        <ScopeChoice
          {...scopes}
          onMode={(mode) => form.set("scopes", { ...scopes, mode })}
          onPairs={(pairs) => form.set("scopes", { ...scopes, pairs })}
          error={form.errors.scopes}
        />
        <FormFailure failure={form.failure} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            Create token
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
