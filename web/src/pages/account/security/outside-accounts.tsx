import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useState } from "react";
import { confirmedRequest, linkOutsideResponse, outsideWays } from "../../../../../src/contract/sign-in.ts";
import type { OutsideAccount, OutsideWay, SignInMethods } from "../../../../../src/contract/sign-in.ts";
import { post, send } from "../../../api/client.ts";
import { useForm } from "../../../api/form.ts";
import { authMethodsQuery, signInMethodsQuery } from "../../../api/sign-in-queries.ts";
import { Button } from "../../../ui/button.tsx";
import { Card, Section } from "../../../ui/card.tsx";
import { ConfirmDialog } from "../../../ui/confirm-dialog.tsx";
import { Dialog, DialogActions } from "../../../ui/dialog.tsx";
import { FormFailure } from "../../../ui/form-failure.tsx";
import { RelativeTime } from "../../../ui/relative-time.tsx";
import { Confirmation, givenPassword } from "./confirmation.tsx";

/** As a heading; in sentences the second one is written small. */
const titles: Record<OutsideWay, string> = { github: "GitHub", oidc: "Single sign-on" };

/** Accounts elsewhere to sign in with; nothing at all where none is set up and none linked. */
export function OutsideAccounts({ methods }: { methods: SignInMethods }): ReactNode {
  const offered = useQuery(authMethodsQuery);
  const ways = outsideWays.filter(
    (way) => offered.data?.[way].enabled === true || methods.outside_accounts.some((account) => account.way === way),
  );
  if (ways.length === 0) return null;
  return (
    <Section title="Accounts elsewhere" description="Sign in here by signing in there.">
      <Card>
        <ul className="divide-y divide-line">
          {ways.map((way) => {
            const account = methods.outside_accounts.find((candidate) => candidate.way === way);
            return account === undefined ? (
              <OfferedRow key={way} way={way} confirmation={methods.confirmation} />
            ) : (
              <LinkedRow key={way} account={account} />
            );
          })}
        </ul>
      </Card>
    </Section>
  );
}

function LinkedRow({ account }: { account: OutsideAccount }): ReactNode {
  const queryClient = useQueryClient();
  const [unlinking, setUnlinking] = useState(false);
  const title = titles[account.way];

  async function unlink(): Promise<void> {
    await send("DELETE", `/users/me/outside-accounts/${account.id}`);
    await queryClient.invalidateQueries({ queryKey: signInMethodsQuery.queryKey });
  }

  return (
    <li className="flex items-center justify-between gap-4 px-4 py-3">
      <div className="min-w-0">
        <p className="truncate font-medium">
          {title} <bdi className="font-normal text-muted">{account.label}</bdi>
        </p>
        <p className="text-sm text-muted">
          Last used <RelativeTime at={account.last_used_at} /> · since <RelativeTime at={account.created_at} />
        </p>
      </div>
      <Button size="sm" onClick={() => setUnlinking(true)} aria-label={`Unlink ${title}`}>
        Unlink
      </Button>
      {unlinking && (
        <ConfirmDialog
          title={`Unlink ${title}?`}
          action="Unlink"
          onConfirm={unlink}
          onClose={() => setUnlinking(false)}
        >
          That account signs nobody in here from now on. You can link it again.
        </ConfirmDialog>
      )}
    </li>
  );
}

interface OfferedRowProps {
  way: OutsideWay;
  confirmation: SignInMethods["confirmation"];
}

function OfferedRow({ way, confirmation }: OfferedRowProps): ReactNode {
  const [linking, setLinking] = useState(false);
  return (
    <li className="flex items-center justify-between gap-4 px-4 py-3">
      <div className="min-w-0">
        <p className="font-medium">{titles[way]}</p>
        <p className="text-sm text-muted">Not linked</p>
      </div>
      <Button size="sm" onClick={() => setLinking(true)} aria-label={`Link ${titles[way]}`}>
        Link
      </Button>
      {linking && <LinkDialog way={way} confirmation={confirmation} onClose={() => setLinking(false)} />}
    </li>
  );
}

function LinkDialog({ way, confirmation, onClose }: OfferedRowProps & { onClose: () => void }): ReactNode {
  const form = useForm({
    initial: { password: "" },
    parse: ({ password }) => confirmedRequest.safeParse(givenPassword(password)),
    async submit(request) {
      const { url } = await post(`/users/me/outside-accounts/${way}`, request, linkOutsideResponse);
      location.assign(url);
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Link ${titles[way]}`}
      description="You sign in there next, and then are back here. Whoever can sign in there can sign in here as you."
    >
      <form {...form.props} className="flex flex-col gap-4">
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
