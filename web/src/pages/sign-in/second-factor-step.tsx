import type { ReactNode } from "react";
import { user } from "../../../../src/contract/identity.ts";
import type { User } from "../../../../src/contract/identity.ts";
import { secondFactorLoginRequest } from "../../../../src/contract/sign-in.ts";
import { post } from "../../api/client.ts";
import { useForm } from "../../api/form.ts";
import { AuthForm } from "../../shell/auth-form.tsx";
import { AuthPage } from "../../shell/auth-page.tsx";
import { Button } from "../../ui/button.tsx";
import { Field, Input } from "../../ui/field.tsx";

interface SecondFactorStepProps {
  ticket: string;
  onSignedIn: (who: User) => void;
  onBack: () => void;
}

/** After the password: the code of an authenticator app, or one of the codes for when it is lost. */
export function SecondFactorStep({ ticket, onSignedIn, onBack }: SecondFactorStepProps): ReactNode {
  const form = useForm({
    initial: { code: "" },
    parse: (values) => secondFactorLoginRequest.safeParse({ ...values, ticket }),
    async submit(request) {
      onSignedIn(await post("/users/login/second-factor", request, user, { anonymous: true }));
    },
  });
  return (
    <AuthPage title="One more step" lead="Enter the code that your authenticator app shows for Tideline.">
      <AuthForm form={form} action="Sign in">
        <Field
          label="Code"
          hint="Without your app, use one of your recovery codes."
          error={form.errors.code && "Enter the six digits, or a recovery code."}
        >
          {(control) => (
            <Input
              {...control}
              name="code"
              autoComplete="one-time-code"
              autoCapitalize="none"
              spellCheck={false}
              autoFocus
              className="font-mono"
              value={form.values.code}
              onChange={(event) => form.set("code", event.target.value)}
            />
          )}
        </Field>
      </AuthForm>
      <Button variant="ghost" className="-ml-3.5 self-start" onClick={onBack}>
        Back to the password
      </Button>
    </AuthPage>
  );
}
