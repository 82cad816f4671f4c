import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { setupRequest, user } from "../../../src/contract/identity.ts";
import { post } from "../api/client.ts";
import { ApiError } from "../api/error.ts";
import { useForm } from "../api/form.ts";
import { meQuery, setupQuery } from "../api/queries.ts";
import { AuthForm } from "../shell/auth-form.tsx";
import { AuthPage } from "../shell/auth-page.tsx";
import { Button } from "../ui/button.tsx";
import { Field, Input } from "../ui/field.tsx";
import { ErrorState, Skeleton } from "../ui/states.tsx";

/** The first page of a new deployment: makes its owner, once. */
export function SetupPage(): ReactNode {
  const { token } = useSearch({ from: "/setup" });
  const setup = useQuery(setupQuery);
  if (setup.isPending) {
    return (
      <AuthPage title="Welcome to Tideline">
        <div aria-busy role="status" aria-label="Loading" className="flex flex-col gap-4">
          <Skeleton className="h-9" />
          <Skeleton className="h-9" />
          <Skeleton className="h-9" />
        </div>
      </AuthPage>
    );
  }
  if (setup.isError) {
    return (
      <AuthPage title="Welcome to Tideline">
        <ErrorState error={setup.error} doing="reach this deployment" onRetry={() => void setup.refetch()} />
      </AuthPage>
    );
  }
  if (setup.data.completed) return <AlreadyDone />;
  if (token === undefined || token === "") return <NoToken />;
  return <SetupForm token={token} />;
}

function AlreadyDone(): ReactNode {
  return (
    <AuthPage
      title="This is already set up"
      lead="The first-run link works once, and somebody has used it. If that was you, sign in. If not, ask whoever runs this deployment for an account."
    >
      <Button asChild variant="primary" size="lg">
        <Link to="/login">Sign in</Link>
      </Button>
    </AuthPage>
  );
}

function NoToken(): ReactNode {
  return (
    <AuthPage
      title="Open the first-run link"
      lead="This deployment has no owner yet. Only the link that was printed when it started can make one, so that nobody else gets there first."
    >
      <ol className="list-inside list-decimal space-y-2 text-muted marker:text-faint">
        <li>Go to the terminal where it was started or deployed.</li>
        <li>
          Open the address that ends in <code className="font-mono text-sm text-ink">/setup?token=…</code>
        </li>
      </ol>
    </AuthPage>
  );
}

function SetupForm({ token }: { token: string }): ReactNode {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({
    initial: { name: "", email: "", username: "", password: "" },
    parse: (values) => setupRequest.safeParse({ ...values, token }),
    async submit(request) {
      const owner = await post("/setup", request, user, { anonymous: true });
      queryClient.setQueryData(setupQuery.queryKey, { completed: true });
      queryClient.setQueryData(meQuery.queryKey, owner);
      await navigate({ to: "/", replace: true });
    },
  });
  const status = form.failure instanceof ApiError ? form.failure.status : null;
  if (status === 409) return <AlreadyDone />;

  return (
    <AuthPage
      title="Welcome to Tideline"
      lead="Your own place for coding agents. Make the account that owns it; the rest is set up from there."
    >
      <AuthForm
        form={form}
        action="Create the owner account"
        failure={
          status === 403
            ? "This link is not the right one for this deployment. It may be from an earlier start: take the newest link from the terminal."
            : undefined
        }
      >
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
        <Field label="E-mail" error={form.errors.email && "Give an e-mail address, such as ada@example.com."}>
          {(control) => (
            <Input
              {...control}
              type="email"
              name="email"
              autoComplete="email"
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
