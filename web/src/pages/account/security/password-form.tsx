import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { changePasswordRequest } from "../../../../../src/contract/identity.ts";
import { send } from "../../../api/client.ts";
import { useForm } from "../../../api/form.ts";
import { sessionsQuery } from "../../../api/queries.ts";
import { useMe } from "../../../shell/me.ts";
import { Button } from "../../../ui/button.tsx";
import { Section } from "../../../ui/card.tsx";
import { Field, Input } from "../../../ui/field.tsx";
import { FormFailure } from "../../../ui/form-failure.tsx";
import { toast } from "../../../ui/toaster.tsx";

export function PasswordForm(): ReactNode {
  const me = useMe();
  const queryClient = useQueryClient();
  const form = useForm({
    initial: { old_password: "", password: "" },
    parse: (values) => changePasswordRequest.safeParse(values),
    async submit(request) {
      await send("PUT", "/users/me/password", request);
      form.reset();
      toast.success("Password changed", { description: "You are signed out everywhere else." });
      await queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });
  return (
    <Section title="Password" description="Changing it signs you out everywhere but here.">
      <form {...form.props} className="grid max-w-2xl gap-4 sm:grid-cols-2">
        {/* For password managers, which want to know whose password it is. */}
        <input type="text" autoComplete="username" value={me.username} readOnly hidden />
        <Field label="Current password" error={form.errors.old_password}>
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="current-password"
              value={form.values.old_password}
              onChange={(event) => form.set("old_password", event.target.value)}
            />
          )}
        </Field>
        <Field label="New password" hint="At least 10 characters." error={form.errors.password}>
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="new-password"
              value={form.values.password}
              onChange={(event) => form.set("password", event.target.value)}
            />
          )}
        </Field>
        <div className="flex flex-col items-start gap-3 sm:col-span-2">
          <FormFailure failure={form.failure} />
          <Button
            type="submit"
            busy={form.busy}
            disabled={form.values.old_password === "" || form.values.password === ""}
          >
            Change password
          </Button>
        </div>
      </form>
    </Section>
  );
}
