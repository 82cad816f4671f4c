import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { z } from "zod";
import { acceptInviteRequest, user } from "../../../../src/contract/identity.ts";
import type { openAccountLink } from "../../../../src/contract/identity.ts";
import { post } from "../../api/client.ts";
import { forgetPerson } from "../../api/forget-person.ts";
import { useForm } from "../../api/form.ts";
import { meQuery } from "../../api/queries.ts";
import { AuthForm } from "../../shell/auth-form.tsx";
import { AuthPage } from "../../shell/auth-page.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { DeadLink, isDead } from "./dead-link.tsx";

interface AcceptInviteProps {
  token: string;
  link: z.output<typeof openAccountLink>;
}

export function AcceptInvite({ token, link }: AcceptInviteProps): ReactNode {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({
    initial: { name: "", email: link.email, username: "", password: "" },
    parse: (values) => acceptInviteRequest.safeParse({ ...values, token }),
    async submit(request) {
      const me = await post("/account-links/accept-invite", request, user, { anonymous: true });
      // Somebody else may have been signed in here before.
      forgetPerson(queryClient);
      queryClient.setQueryData(meQuery.queryKey, me);
      await navigate({ to: "/", replace: true });
    },
  });
  if (isDead(form.failure)) return <DeadLink />;

  return (
    <AuthPage
      title="You are invited to Tideline"
      lead={
        <>
          Make your account. The invite works once and ends <RelativeTime at={link.expires_at} />.
        </>
      }
    >
      <AuthForm form={form} action="Make my account">
        <Field label="Your name" optional error={form.errors.name}>
          {(control) => (
            <Input
              {...control}
              autoComplete="name"
              autoFocus
              value={form.values.name}
              onChange={(event) => form.set("name", event.target.value)}
            />
          )}
        </Field>
        <Field
          label="E-mail"
          hint={link.email === "" ? undefined : "The invite is for this address."}
          error={form.errors.email}
        >
          {(control) => (
            <Input
              {...control}
              type="email"
              name="email"
              autoComplete="email"
              readOnly={link.email !== ""}
              value={form.values.email}
              onChange={(event) => form.set("email", event.target.value)}
            />
          )}
        </Field>
        <Field label="User name" hint="Letters, digits, dashes and underscores." error={form.errors.username}>
          {(control) => (
            <Input
              {...control}
              name="username"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              value={form.values.username}
              onChange={(event) => form.set("username", event.target.value)}
            />
          )}
        </Field>
        <Field
          label="Password"
          hint="At least 10 characters. Long matters; odd characters don't."
          error={form.errors.password}
        >
          {(control) => (
            <Input
              {...control}
              type="password"
              name="password"
              autoComplete="new-password"
              value={form.values.password}
              onChange={(event) => form.set("password", event.target.value)}
            />
          )}
        </Field>
      </AuthForm>
    </AuthPage>
  );
}
