import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { z } from "zod";
import { resetPasswordRequest, user } from "../../../../src/contract/identity.ts";
import type { openAccountLink } from "../../../../src/contract/identity.ts";
import { post } from "../../api/client.ts";
import { forgetPerson } from "../../api/forget-person.ts";
import { useForm } from "../../api/form.ts";
import { AuthForm } from "../../shell/auth-form.tsx";
import { AuthPage } from "../../shell/auth-page.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { toast } from "../../ui/toaster.tsx";
import { DeadLink, isDead } from "./dead-link.tsx";

interface ResetPasswordProps {
  token: string;
  link: z.output<typeof openAccountLink>;
}

export function ResetPassword({ token, link }: ResetPasswordProps): ReactNode {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({
    initial: { password: "" },
    parse: (values) => resetPasswordRequest.safeParse({ ...values, token }),
    async submit(request) {
      await post("/account-links/reset-password", request, user, { anonymous: true });
      // Signed in, or asked to sign in by whom a second factor guards: the first page finds out.
      forgetPerson(queryClient);
      toast.success("Your new password is set");
      await navigate({ to: "/", replace: true });
    },
  });
  if (isDead(form.failure)) return <DeadLink />;

  return (
    <AuthPage
      title="Choose a new password"
      lead={
        <>
          For <bdi className="font-medium text-ink">{link.username}</bdi>. You are signed out everywhere else.
        </>
      }
    >
      <AuthForm form={form} action="Set the password">
        {/* For password managers, which want to know whose password it is. */}
        <input type="text" autoComplete="username" value={link.username} readOnly hidden />
        <Field
          label="New password"
          hint="At least 10 characters. Long matters; odd characters don't."
          error={form.errors.password}
        >
          {(control) => (
            <Input
              {...control}
              type="password"
              name="password"
              autoComplete="new-password"
              autoFocus
              value={form.values.password}
              onChange={(event) => form.set("password", event.target.value)}
            />
          )}
        </Field>
      </AuthForm>
    </AuthPage>
  );
}
