import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useRouter, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { z } from "zod";
import { loginRequest, user } from "../../../src/contract/identity.ts";
import type { User } from "../../../src/contract/identity.ts";
import { secondFactorNeeded } from "../../../src/contract/sign-in.ts";
import { post } from "../api/client.ts";
import { ApiError } from "../api/error.ts";
import { useForm } from "../api/form.ts";
import { meQuery, setupQuery } from "../api/queries.ts";
import { ownPath } from "../api/own-path.ts";
import { AuthForm } from "../shell/auth-form.tsx";
import { AuthPage } from "../shell/auth-page.tsx";
import { useSignedOut } from "../shell/signed-out.ts";
import { Field, Input } from "../ui/field.tsx";
import { FormFailure } from "../ui/form-failure.tsx";
import { waitWords } from "../ui/moments.ts";
import { Notice } from "../ui/notice.tsx";
import { OtherWays } from "./sign-in/other-ways.tsx";
import { outsideFailureWords } from "./sign-in/outside-words.ts";
import { SecondFactorStep } from "./sign-in/second-factor-step.tsx";

const loginAnswer = z.union([user, secondFactorNeeded]);

export function LoginPage(): ReactNode {
  const { back, failure, way } = useSearch({ from: "/login" });
  const queryClient = useQueryClient();
  const router = useRouter();
  const setup = useQuery(setupQuery);
  const signedOut = useSignedOut();
  const [waitUntil, setWaitUntil] = useState(0);
  const [ticket, setTicket] = useState<string | null>(null);
  const wait = useCountdown(waitUntil);

  function enter(who: User): void {
    queryClient.setQueryData(meQuery.queryKey, who);
    router.history.replace(ownPath(back));
  }

  const form = useForm({
    initial: { login: "", password: "" },
    parse: (values) => loginRequest.safeParse(values),
    async submit(request) {
      try {
        const answer = await post("/users/login", request, loginAnswer, { anonymous: true });
        if ("second_factor" in answer) setTicket(answer.second_factor.ticket);
        else enter(answer);
      } catch (error) {
        if (error instanceof ApiError && error.status === 429)
          setWaitUntil(Date.now() + (error.retryAfter ?? 60) * 1_000);
        throw error;
      }
    },
  });

  if (ticket !== null) {
    const goBack = () => {
      form.set("password", "");
      setTicket(null);
    };
    return <SecondFactorStep ticket={ticket} onSignedIn={enter} onBack={goBack} />;
  }

  const isTooMany = form.failure instanceof ApiError && form.failure.status === 429;
  return (
    <AuthPage title="Sign in" lead={back === undefined ? undefined : "Then you are taken back to where you were."}>
      {failure !== undefined && way !== undefined && form.failure === null && (
        <FormFailure failure={null}>{outsideFailureWords(failure, way)}</FormFailure>
      )}
      {signedOut !== null && failure === undefined && form.failure === null && (
        <div role="status">
          <Notice>{signedOut}</Notice>
        </div>
      )}
      <AuthForm
        form={form}
        action="Sign in"
        disabled={wait > 0}
        failure={
          isTooMany
            ? wait > 0
              ? `Too many attempts. You can try again in ${waitWords(wait)}.`
              : "You can try again now."
            : undefined
        }
      >
        <Field label="User name or e-mail" error={form.errors.login && "Enter your user name or e-mail."}>
          {(control) => (
            <Input
              {...control}
              name="username"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              autoFocus
              value={form.values.login}
              onChange={(event) => form.set("login", event.target.value)}
            />
          )}
        </Field>
        <Field label="Password" error={form.errors.password && "Enter your password."}>
          {(control) => (
            <Input
              {...control}
              type="password"
              name="password"
              autoComplete="current-password"
              value={form.values.password}
              onChange={(event) => form.set("password", event.target.value)}
            />
          )}
        </Field>
      </AuthForm>
      <OtherWays back={ownPath(back)} onSignedIn={enter} />
      {setup.data?.completed === false ? (
        <p className="text-sm text-muted">
          This deployment has no owner yet.{" "}
          <Link to="/setup" className="text-accent underline underline-offset-2">
            Set it up first
          </Link>
          .
        </p>
      ) : (
        <p className="text-sm text-faint">No account, or a forgotten password? Ask whoever runs this deployment.</p>
      )}
    </AuthPage>
  );
}

/** Whole seconds until a moment; 0 once it has passed. */
function useCountdown(until: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    setNow(Date.now());
    if (until <= Date.now()) return;
    const timer = setInterval(function tick() {
      setNow(Date.now());
      if (Date.now() >= until) clearInterval(timer);
    }, 1_000);
    return () => clearInterval(timer);
  }, [until]);
  return Math.max(0, Math.ceil((until - now) / 1_000));
}
