import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { updateUsageLimitOverrideRequest } from "../../../../src/contract/usage.ts";
import { send } from "../../api/client.ts";
import { useForm } from "../../api/form.ts";
import type { Subject } from "../../sharing/share-state.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { amountText, readAmount } from "../../usage/amount.ts";
import { limitConfigQuery, limitStatusQuery } from "../../usage/limit-queries.ts";
import { AmountInput } from "./amount-input.tsx";

interface OverrideDialogProps {
  subject: Pick<Subject, "id" | "type" | "name">;
  /** What it is now; null for a new one. */
  micros: number | null;
  /** "a month". */
  each: string;
  onClose: () => void;
}

/** Where the limit of a person or a group is. */
export function overridePath({ id, type }: Pick<Subject, "id" | "type">): string {
  return `/chats/usage-limits/${type === "group" ? "group-overrides" : "overrides"}/${id}`;
}

export function OverrideDialog({ subject, micros, each, onClose }: OverrideDialogProps): ReactNode {
  const queryClient = useQueryClient();
  const form = useForm({
    initial: { spend_limit_micros: micros === null ? "" : amountText(micros) },
    parse: (values) =>
      updateUsageLimitOverrideRequest.safeParse({ spend_limit_micros: readAmount(values.spend_limit_micros) ?? 0 }),
    async submit(limit) {
      await send("PUT", overridePath(subject), limit);
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: limitConfigQuery.queryKey }),
        queryClient.invalidateQueries({ queryKey: limitStatusQuery.queryKey }),
      ]);
      onClose();
    },
  });
  const whose = subject.type === "group" ? "What each member may spend" : "What they may spend";
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={`Limit for ${subject.name}`}>
      <form {...form.props} className="flex flex-col gap-4">
        <Field
          label={`${whose} ${each}`}
          hint="In US dollars."
          error={
            form.errors.spend_limit_micros === undefined ? undefined : "Write an amount above zero, such as 25.00."
          }
        >
          {(control) => (
            <AmountInput
              {...control}
              value={form.values.spend_limit_micros}
              onValue={(text) => form.set("spend_limit_micros", text)}
            />
          )}
        </Field>
        <FormFailure failure={form.failure} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={form.busy}>
            Set the limit
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
