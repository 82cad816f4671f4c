import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useState } from "react";
import {
  confirmedRequest,
  confirmSecondFactorRequest,
  newRecoveryCodes,
  secondFactorOffer,
} from "../../../../../src/contract/sign-in.ts";
import type { SecondFactorOffer, SignInMethods } from "../../../../../src/contract/sign-in.ts";
import { post } from "../../../api/client.ts";
import { useForm } from "../../../api/form.ts";
import { signInMethodsQuery } from "../../../api/sign-in-queries.ts";
import { Button } from "../../../ui/button.tsx";
import { CopyButton } from "../../../ui/copy-button.tsx";
import { Dialog, DialogActions } from "../../../ui/dialog.tsx";
import { FormFailure } from "../../../ui/form-failure.tsx";
import { CodeField } from "./code-field.tsx";
import { Confirmation, givenPassword } from "./confirmation.tsx";
import { QrCode } from "./qr-code.tsx";
import { RecoveryCodes } from "./recovery-codes.tsx";

interface TurnOnDialogProps {
  confirmation: SignInMethods["confirmation"];
  onClose: () => void;
}

/** Three steps: what it needs, the secret into the app and a first code out of it, the recovery codes. */
export function TurnOnDialog({ confirmation, onClose }: TurnOnDialogProps): ReactNode {
  const [offer, setOffer] = useState<SecondFactorOffer | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  if (codes !== null) return <RecoveryCodes codes={codes} onClose={onClose} />;
  if (offer !== null) return <ScanStep offer={offer} onDone={setCodes} onClose={onClose} />;
  return <BeginStep confirmation={confirmation} onOffer={setOffer} onClose={onClose} />;
}

function BeginStep(props: TurnOnDialogProps & { onOffer: (offer: SecondFactorOffer) => void }): ReactNode {
  const { confirmation, onOffer, onClose } = props;
  const form = useForm({
    initial: { password: "" },
    parse: ({ password }) => confirmedRequest.safeParse(givenPassword(password)),
    async submit(request) {
      onOffer(await post("/users/me/second-factor", request, secondFactorOffer));
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Turn on the second factor"
      description="Have your authenticator app at hand: you scan a picture with it and enter the code that it shows."
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

interface ScanStepProps {
  offer: SecondFactorOffer;
  onDone: (codes: string[]) => void;
  onClose: () => void;
}

function ScanStep({ offer, onDone, onClose }: ScanStepProps): ReactNode {
  const queryClient = useQueryClient();
  const form = useForm({
    initial: { code: "" },
    parse: (values) => confirmSecondFactorRequest.safeParse({ ...values, ticket: offer.ticket }),
    async submit(request) {
      const answer = await post("/users/me/second-factor/confirm", request, newRecoveryCodes);
      await queryClient.invalidateQueries({ queryKey: signInMethodsQuery.queryKey });
      onDone(answer.recovery_codes);
    },
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Scan this with your app">
      <form {...form.props} className="flex flex-col gap-4">
        <QrCode text={offer.url} label="The secret as a picture, for your authenticator app" />
        <div className="text-sm text-muted">
          <p>Can't scan it? Enter this secret in the app:</p>
          <p className="mt-1 flex items-center gap-2">
            <code data-testid="totp-secret" className="min-w-0 font-mono text-ink">
              {offer.secret.replaceAll(/(.{4})(?=.)/g, "$1 ")}
            </code>
            <CopyButton text={offer.secret} label="Copy secret" />
          </p>
        </div>
        <CodeField form={form} hint="The six digits that the app shows for Tideline." />
        <FormFailure failure={form.failure} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            Turn on
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
