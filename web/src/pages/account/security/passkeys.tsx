import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Fingerprint, Plus } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { passkey as passkeySchema, renamePasskeyRequest } from "../../../../../src/contract/sign-in.ts";
import type { Passkey, SignInMethods } from "../../../../../src/contract/sign-in.ts";
import { patch, send } from "../../../api/client.ts";
import { useForm } from "../../../api/form.ts";
import { passkeysWork } from "../../../api/passkey.ts";
import { passkeysQuery, signInMethodsQuery } from "../../../api/sign-in-queries.ts";
import { Badge } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { Card, Section } from "../../../ui/card.tsx";
import { ConfirmDialog } from "../../../ui/confirm-dialog.tsx";
import { Dialog, DialogActions } from "../../../ui/dialog.tsx";
import { Field, Input } from "../../../ui/field.tsx";
import { FormFailure } from "../../../ui/form-failure.tsx";
import { RelativeTime } from "../../../ui/relative-time.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../../ui/states.tsx";
import { AddPasskeyDialog } from "./add-passkey-dialog.tsx";

export function Passkeys({ methods }: { methods: SignInMethods }): ReactNode {
  const passkeys = useQuery(passkeysQuery);
  const [adding, setAdding] = useState(false);
  const possible = passkeysWork();
  const add = possible && (
    <Button size="sm" onClick={() => setAdding(true)}>
      <Plus size={14} aria-hidden />
      Add a passkey
    </Button>
  );
  return (
    <Section
      title="Passkeys"
      description="Sign in with a finger, a face or a PIN of your device. A passkey cannot be guessed or phished, and stands in for password and code together."
      actions={passkeys.data !== undefined && passkeys.data.length > 0 ? add : undefined}
    >
      {passkeys.isPending ? (
        <Skeleton className="h-20 rounded-lg" />
      ) : passkeys.data === undefined ? (
        <ErrorState error={passkeys.error} doing="load your passkeys" onRetry={() => void passkeys.refetch()} />
      ) : passkeys.data.length === 0 ? (
        <EmptyState icon={<Fingerprint size={24} aria-hidden />} title="No passkeys yet" action={add || undefined}>
          {possible
            ? "Make one on this device, on your phone, or with your password manager."
            : "This browser cannot make one here: passkeys need https, a name in the address, and a recent browser."}
        </EmptyState>
      ) : (
        <Card>
          <ul className="divide-y divide-line">
            {passkeys.data.map((passkey) => (
              <PasskeyRow key={passkey.id} passkey={passkey} />
            ))}
          </ul>
        </Card>
      )}
      {adding && <AddPasskeyDialog confirmation={methods.confirmation} onClose={() => setAdding(false)} />}
    </Section>
  );
}

function PasskeyRow({ passkey }: { passkey: Passkey }): ReactNode {
  const queryClient = useQueryClient();
  const [open, setOpen] = useState<"rename" | "delete" | null>(null);

  async function remove(): Promise<void> {
    await send("DELETE", `/users/me/passkeys/${passkey.id}`);
    await Promise.all([
      queryClient.invalidateQueries({ queryKey: passkeysQuery.queryKey }),
      queryClient.invalidateQueries({ queryKey: signInMethodsQuery.queryKey }),
    ]);
  }

  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-0">
        <p className="flex items-center gap-2 font-medium">
          <bdi className="truncate">{passkey.name}</bdi>
          {passkey.backed_up && <Badge>Synchronised</Badge>}
        </p>
        <p className="text-sm text-muted">
          {passkey.last_used_at === null ? (
            "Never used"
          ) : (
            <>
              Last used <RelativeTime at={passkey.last_used_at} />
            </>
          )}{" "}
          · added <RelativeTime at={passkey.created_at} />
        </p>
      </div>
      <div className="flex gap-2">
        <Button size="sm" variant="ghost" onClick={() => setOpen("rename")} aria-label={`Rename ${passkey.name}`}>
          Rename
        </Button>
        <Button size="sm" onClick={() => setOpen("delete")} aria-label={`Delete ${passkey.name}`}>
          Delete
        </Button>
      </div>
      {open === "rename" && <RenameDialog passkey={passkey} onClose={() => setOpen(null)} />}
      {open === "delete" && (
        <ConfirmDialog
          title={`Delete ${passkey.name}?`}
          action="Delete"
          onConfirm={remove}
          onClose={() => setOpen(null)}
        >
          It signs nobody in from now on. Your device may go on offering it; remove it there, too.
        </ConfirmDialog>
      )}
    </li>
  );
}

function RenameDialog({ passkey, onClose }: { passkey: Passkey; onClose: () => void }): ReactNode {
  const queryClient = useQueryClient();
  const form = useForm({
    initial: { name: passkey.name },
    parse: (values) => renamePasskeyRequest.safeParse(values),
    async submit(request) {
      await patch(`/users/me/passkeys/${passkey.id}`, request, passkeySchema);
      await queryClient.invalidateQueries({ queryKey: passkeysQuery.queryKey });
      onClose();
    },
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Rename passkey">
      <form {...form.props} className="flex flex-col gap-4">
        <Field label="Name" error={form.errors.name}>
          {(control) => (
            <Input
              {...control}
              autoComplete="off"
              value={form.values.name}
              onChange={(event) => form.set("name", event.target.value)}
            />
          )}
        </Field>
        <FormFailure failure={form.failure} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            Rename
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
