import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { signInMethodsQuery } from "../../../api/sign-in-queries.ts";
import { SettingsPage } from "../../../shell/settings-page.tsx";
import { FormFailure } from "../../../ui/form-failure.tsx";
import { ErrorState, Skeleton } from "../../../ui/states.tsx";
import { outsideFailureWords } from "../../sign-in/outside-words.ts";
import { OutsideAccounts } from "./outside-accounts.tsx";
import { Passkeys } from "./passkeys.tsx";
import { PasswordForm } from "./password-form.tsx";
import { SecondFactor } from "./second-factor.tsx";

export function SecurityPage(): ReactNode {
  const { failure, way } = useSearch({ from: "/app/settings/security" });
  const methods = useQuery(signInMethodsQuery);
  return (
    <SettingsPage title="Security" lead="How you sign in, and what keeps others from signing in as you.">
      {failure !== undefined && way !== undefined && (
        <FormFailure failure={null}>{outsideFailureWords(failure, way)}</FormFailure>
      )}
      {methods.isPending ? (
        <div aria-busy role="status" aria-label="Loading" className="flex flex-col gap-10">
          <Skeleton className="h-36 rounded-lg" />
          <Skeleton className="h-36 rounded-lg" />
          <Skeleton className="h-24 rounded-lg" />
        </div>
      ) : methods.data === undefined ? (
        <ErrorState error={methods.error} doing="load how you sign in" onRetry={() => void methods.refetch()} />
      ) : (
        <>
          {methods.data.has_password && <PasswordForm />}
          <Passkeys methods={methods.data} />
          <SecondFactor methods={methods.data} />
          <OutsideAccounts methods={methods.data} />
        </>
      )}
    </SettingsPage>
  );
}
