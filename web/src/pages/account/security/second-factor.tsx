import { useQueryClient } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { newRecoveryCodes, secondFactorCode } from "../../../../../src/contract/sign-in.ts";
import type { SignInMethods } from "../../../../../src/contract/sign-in.ts";
import { post, send } from "../../../api/client.ts";
import { useForm } from "../../../api/form.ts";
import { signInMethodsQuery } from "../../../api/sign-in-queries.ts";
import { Badge } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { Card, Section } from "../../../ui/card.tsx";
import { Dialog, DialogActions } from "../../../ui/dialog.tsx";
import { FormFailure } from "../../../ui/form-failure.tsx";
import { Notice } from "../../../ui/notice.tsx";
import { RelativeTime } from "../../../ui/relative-time.tsx";
import { EmptyState } from "../../../ui/states.tsx";
import { toast } from "../../../ui/toaster.tsx";
import { CodeField } from "./code-field.tsx";
import { RecoveryCodes } from "./recovery-codes.tsx";
import { TurnOnDialog } from "./turn-on-dialog.tsx";

/** Below this it is time for new ones. */
const FEW_CODES = 3;

type Open = "on" | "off" | "codes" | null;

export function SecondFactor({ methods }: { methods: SignInMethods }): ReactNode {
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const factor = methods.second_factor;
  return (
    <Section
      title="Second factor"
      description="After your password, a code from an app on your phone: a stolen password alone opens nothing."
    >
      {factor !== null ? (
        <Card className="flex flex-wrap items-center justify-between gap-x-4 gap-y-3 px-4 py-3">
          <div className="min-w-0">
            <p className="flex items-center gap-2 font-medium">
              Authenticator app <Badge tone="success">On</Badge>
            </p>
            <p className="text-sm text-muted">
              Since <RelativeTime at={factor.created_at} /> · {codesWords(factor.recovery_codes_left)}
            </p>
          </div>
          <div className="flex flex-wrap gap-2">
            <Button size="sm" onClick={() => setOpen("codes")}>
              New recovery codes
            </Button>
            <Button size="sm" onClick={() => setOpen("off")}>
              Turn off
            </Button>
          </div>
        </Card>
      ) : methods.has_password ? (
        <EmptyState
          icon={<ShieldCheck size={24} aria-hidden />}
          title="Off"
          action={
            <Button size="sm" onClick={() => setOpen("on")}>
              Turn on
            </Button>
          }
        >
          You need an authenticator app, such as the one in your password manager.
        </EmptyState>
      ) : (
        <Notice>You have no password here. Where you sign in instead may ask for a code of its own.</Notice>
      )}
      {factor !== null && factor.recovery_codes_left < FEW_CODES && (
        <Notice tone="warning">You have few recovery codes left. Make new ones before you need them.</Notice>
      )}
      {open === "on" && <TurnOnDialog confirmation={methods.confirmation} onClose={close} />}
      {open === "off" && <TurnOffDialog onClose={close} />}
      {open === "codes" && <NewCodesDialog onClose={close} />}
    </Section>
  );
}

function codesWords(left: number): string {
  if (left === 0) return "no recovery codes left";
  return left === 1 ? "1 recovery code left" : `${left} recovery codes left`;
}

function TurnOffDialog({ onClose }: { onClose: () => void }): ReactNode {
  const queryClient = useQueryClient();
  const form = useForm({
    initial: { code: "" },
    parse: (values) => secondFactorCode.safeParse(values),
    async submit(request) {
      await send("POST", "/users/me/second-factor/disable", request);
      await queryClient.invalidateQueries({ queryKey: signInMethodsQuery.queryKey });
      toast.success("Second factor turned off", { description: "Your password alone signs you in." });
      onClose();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Turn off the second factor?"
      description="Your recovery codes are gone then, too."
    >
      <form {...form.props} className="flex flex-col gap-4">
        <CodeField form={form} hint="From your app, or a recovery code." />
        <FormFailure failure={form.failure} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="danger" busy={form.busy}>
            Turn off
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function NewCodesDialog({ onClose }: { onClose: () => void }): ReactNode {
  const queryClient = useQueryClient();
  const [codes, setCodes] = useState<string[] | null>(null);
  const form = useForm({
    initial: { code: "" },
    parse: (values) => secondFactorCode.safeParse(values),
    async submit(request) {
      setCodes((await post("/users/me/second-factor/recovery-codes", request, newRecoveryCodes)).recovery_codes);
      await queryClient.invalidateQueries({ queryKey: signInMethodsQuery.queryKey });
    },
  });
  if (codes !== null) return <RecoveryCodes codes={codes} onClose={onClose} />;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="New recovery codes"
      description="The ones that you have stop working."
    >
      <form {...form.props} className="flex flex-col gap-4">
        <CodeField form={form} hint="From your app, or a recovery code." />
        <FormFailure failure={form.failure} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            Make new codes
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
