import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useState } from "react";
import {
  updateUsageLimitRequest,
  usageLimitConfig,
  usageLimitPeriods,
  type UsageLimitConfig,
  type UsageLimitPeriod,
} from "../../../../src/contract/usage.ts";
import { put } from "../../api/client.ts";
import { useForm } from "../../api/form.ts";
import { Button } from "../../ui/button.tsx";
import { Card, Section } from "../../ui/card.tsx";
import { Field } from "../../ui/field.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { formatMicros } from "../../ui/money.ts";
import { Select } from "../../ui/select.tsx";
import { Switch } from "../../ui/switch.tsx";
import { failed, toast, UNDO_FOR_MS } from "../../ui/toaster.tsx";
import { amountText, readAmount } from "../../usage/amount.ts";
import { limitConfigQuery, limitStatusQuery } from "../../usage/limit-queries.ts";
import { periodWords } from "../../usage/limit-words.ts";
import { AmountInput } from "./amount-input.tsx";

type Setting = Pick<UsageLimitConfig, "spend_limit_micros" | "period">;

const periodNames: Record<UsageLimitPeriod, string> = {
  day: "Day",
  week: "Week, from Monday",
  month: "Calendar month",
};

/** Whether there are limits at all, and the one for whoever has no nearer one. */
export function LimitOfEverybody({ limits }: { limits: UsageLimitConfig }): ReactNode {
  const write = useWrite();
  const on = limits.spend_limit_micros !== null;
  const [opened, setOpened] = useState(false);
  const shown = on || opened;
  const turnOff = useMutation({
    mutationFn: write,
    onError: (error) => failed("change the limit", error),
    onSuccess: (_, setting) => {
      if (setting.spend_limit_micros !== null) return;
      toast("Spend limits are off", {
        description: "Those of people and groups are kept for when you turn them on again.",
        duration: UNDO_FOR_MS,
        action: { label: "Undo", onClick: () => turnOff.mutate(limits) },
      });
    },
  });

  function toggle(checked: boolean): void {
    setOpened(checked);
    if (!checked && on) turnOff.mutate({ spend_limit_micros: null, period: limits.period });
  }

  return (
    <Section title="Everybody">
      <Card>
        <div className="flex items-center justify-between gap-6 px-4 py-3">
          <div className="min-w-0">
            <p className="font-medium">Limit what is spent</p>
            <p className="text-muted">
              {limits.spend_limit_micros === null
                ? "Nothing is limited. Limits of people and groups count only while this is on."
                : `Whoever has no nearer limit may spend ${formatMicros(limits.spend_limit_micros)} ${periodWords[limits.period].each}.`}
            </p>
          </div>
          <Switch label="Limit what is spent" checked={shown} onCheckedChange={toggle} disabled={turnOff.isPending} />
        </div>
        {shown && <LimitForm limits={limits} write={write} />}
      </Card>
    </Section>
  );
}

function useWrite(): (setting: Setting) => Promise<void> {
  const queryClient = useQueryClient();
  return async function write({ spend_limit_micros, period }) {
    const written = await put("/chats/usage-limits", { spend_limit_micros, period }, usageLimitConfig);
    queryClient.setQueryData(limitConfigQuery.queryKey, written);
    await queryClient.invalidateQueries({ queryKey: limitStatusQuery.queryKey });
  };
}

interface LimitFormProps {
  limits: UsageLimitConfig;
  write: (setting: Setting) => Promise<void>;
}

function LimitForm({ limits, write }: LimitFormProps): ReactNode {
  const form = useForm({
    initial: {
      spend_limit_micros: limits.spend_limit_micros === null ? "" : amountText(limits.spend_limit_micros),
      period: limits.period,
    },
    parse: (values) =>
      updateUsageLimitRequest.safeParse({ ...values, spend_limit_micros: readAmount(values.spend_limit_micros) ?? 0 }),
    async submit(setting) {
      await write(setting);
      toast.success("The limit is set");
    },
  });
  const changed =
    limits.spend_limit_micros === null ||
    readAmount(form.values.spend_limit_micros) !== limits.spend_limit_micros ||
    form.values.period !== limits.period;
  return (
    <form {...form.props} className="flex flex-col gap-4 border-t border-line px-4 py-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label="Amount"
          hint="In US dollars, for each person."
          error={
            form.errors.spend_limit_micros === undefined ? undefined : "Write an amount above zero, such as 25.00."
          }
        >
          {(control) => (
            <AmountInput
              {...control}
              autoFocus={limits.spend_limit_micros === null}
              value={form.values.spend_limit_micros}
              onValue={(text) => form.set("spend_limit_micros", text)}
            />
          )}
        </Field>
        <Field label="Every" hint="Begins at midnight in UTC." error={form.errors.period}>
          {(control) => (
            <Select
              {...control}
              value={form.values.period}
              onValueChange={(value) => form.set("period", usageLimitPeriods.find((each) => each === value) ?? "month")}
              options={usageLimitPeriods.map((value) => ({ value, label: periodNames[value] }))}
            />
          )}
        </Field>
      </div>
      <FormFailure failure={form.failure} />
      <div className="flex gap-2">
        <Button type="submit" variant="primary" busy={form.busy} disabled={!changed}>
          Save
        </Button>
        {changed && limits.spend_limit_micros !== null && <Button onClick={form.reset}>Cancel</Button>}
      </div>
    </form>
  );
}
