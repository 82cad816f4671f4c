import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { createTokenRequest, createTokenResponse } from "../../../../src/contract/identity.ts";
import type { ApiToken } from "../../../../src/contract/identity.ts";
import { post, send } from "../../api/client.ts";
import { useForm } from "../../api/form.ts";
import { tokensQuery } from "../../api/queries.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card, Section } from "../../ui/card.tsx";
import { CommandBlock } from "../../ui/command-block.tsx";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { RelativeTime, useNow } from "../../ui/relative-time.tsx";
import { Select } from "../../ui/select.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";

export function Tokens(): ReactNode {
  const tokens = useQuery(tokensQuery);
  const [creating, setCreating] = useState(false);
  const add = (
    <Button size="sm" onClick={() => setCreating(true)}>
      <Plus size={14} aria-hidden />
      New token
    </Button>
  );
  return (
    <Section
      title="API tokens"
      description="Keys for scripts. Each can do what you can do, so give every script its own and an end."
      actions={add}
    >
      {tokens.isPending ? (
        <Skeleton className="h-28 rounded-lg" />
      ) : tokens.data === undefined ? (
        <ErrorState error={tokens.error} doing="load your tokens" onRetry={() => void tokens.refetch()} />
      ) : tokens.data.length === 0 ? (
        <EmptyState icon={<KeyRound size={24} aria-hidden />} title="No tokens yet">
          Send one as <code className="font-mono text-sm">Authorization: Bearer …</code>; what there is to call stands
          in the{" "}
          <a href="/api/docs" className="text-accent underline underline-offset-2">
            API documentation
          </a>
          .
        </EmptyState>
      ) : (
        <Card>
          <ul className="divide-y divide-line">
            {tokens.data.map((token) => (
              <TokenRow key={token.id} token={token} />
            ))}
          </ul>
        </Card>
      )}
      {creating && <CreateTokenDialog onClose={() => setCreating(false)} />}
    </Section>
  );
}

function TokenRow({ token }: { token: ApiToken }): ReactNode {
  const queryClient = useQueryClient();
  const [revoking, setRevoking] = useState(false);
  const now = useNow();
  const expired = Date.parse(token.expires_at) <= now;

  async function revoke(): Promise<void> {
    await send("DELETE", `/users/me/keys/${token.id}`);
    await queryClient.invalidateQueries({ queryKey: tokensQuery.queryKey });
  }

  return (
    <li className="flex items-center justify-between gap-4 px-4 py-3">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-2 font-medium">
          <span className="truncate">{token.token_name}</span>
          <code className="font-mono text-sm font-normal text-faint">{token.prefix}…</code>
          {expired && <Badge tone="danger">Expired</Badge>}
        </p>
        <p className="text-sm text-muted">
          {token.last_used === null ? (
            "Never used"
          ) : (
            <>
              Last used <RelativeTime at={token.last_used} />
            </>
          )}{" "}
          · {expired ? "ended" : "ends"} <RelativeTime at={token.expires_at} />
        </p>
      </div>
      <Button size="sm" onClick={() => setRevoking(true)} aria-label={`Revoke ${token.token_name}`}>
        Revoke
      </Button>
      {revoking && (
        <ConfirmDialog
          title={`Revoke ${token.token_name}?`}
          action="Revoke"
          onConfirm={revoke}
          onClose={() => setRevoking(false)}
        >
          Whatever uses this token is refused from now on. This can't be undone.
        </ConfirmDialog>
      )}
    </li>
  );
}

const DAY_SECONDS = 86_400;
const lifetimes = [
  { value: String(7 * DAY_SECONDS), label: "7 days" },
  { value: String(30 * DAY_SECONDS), label: "30 days" },
  { value: String(90 * DAY_SECONDS), label: "90 days" },
  { value: String(365 * DAY_SECONDS), label: "One year" },
];

function CreateTokenDialog({ onClose }: { onClose: () => void }): ReactNode {
  const queryClient = useQueryClient();
  const [key, setKey] = useState<string | null>(null);
  const form = useForm({
    initial: { token_name: "", lifetime_seconds: String(30 * DAY_SECONDS) },
    parse: (values) => createTokenRequest.safeParse({ ...values, lifetime_seconds: Number(values.lifetime_seconds) }),
    async submit(request) {
      const made = await post("/users/me/keys/tokens", request, createTokenResponse);
      setKey(made.key);
      await queryClient.invalidateQueries({ queryKey: tokensQuery.queryKey });
    },
  });
  if (key !== null) {
    return (
      <Dialog
        open
        persistent
        onOpenChange={(open) => !open && onClose()}
        title="Copy your token now"
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
    <Dialog open onOpenChange={(open) => !open && onClose()} title="New API token">
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
