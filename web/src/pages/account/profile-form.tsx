import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { updateUserRequest, user } from "../../../../src/contract/identity.ts";
import { patch } from "../../api/client.ts";
import { useForm } from "../../api/form.ts";
import { meQuery } from "../../api/queries.ts";
import { useMe } from "../../shell/me.ts";
import { Button } from "../../ui/button.tsx";
import { Section } from "../../ui/card.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { toast } from "../../ui/toaster.tsx";

export function ProfileForm(): ReactNode {
  const me = useMe();
  const queryClient = useQueryClient();
  const form = useForm({
    initial: { name: me.name, email: me.email, username: me.username },
    parse: (values) => updateUserRequest.safeParse(values),
    async submit(request) {
      queryClient.setQueryData(meQuery.queryKey, await patch("/users/me", request, user));
      toast.success("Profile saved");
    },
  });
  const { name, email, username } = form.values;
  const changed = name !== me.name || email !== me.email || username !== me.username;
  return (
    <Section title="Profile">
      <form {...form.props} className="grid max-w-2xl gap-4 sm:grid-cols-2">
        <Field label="Name" error={form.errors.name}>
          {(control) => (
            <Input
              {...control}
              autoComplete="name"
              value={name}
              onChange={(event) => form.set("name", event.target.value)}
            />
          )}
        </Field>
        <Field label="User name" error={form.errors.username}>
          {(control) => (
            <Input
              {...control}
              autoComplete="username"
              spellCheck={false}
              value={username}
              onChange={(event) => form.set("username", event.target.value)}
            />
          )}
        </Field>
        <Field
          label="E-mail"
          error={form.errors.email && "Give an e-mail address, such as ada@example.com."}
          className="sm:col-span-2"
        >
          {(control) => (
            <Input
              {...control}
              type="email"
              autoComplete="email"
              value={email}
              onChange={(event) => form.set("email", event.target.value)}
            />
          )}
        </Field>
        <div className="flex flex-col items-start gap-3 sm:col-span-2">
          <FormFailure failure={form.failure} />
          <Button type="submit" busy={form.busy} disabled={!changed}>
            Save profile
          </Button>
        </div>
      </form>
    </Section>
  );
}
