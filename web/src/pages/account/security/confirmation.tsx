import type { ReactNode } from "react";
import type { SignInMethods } from "../../../../../src/contract/sign-in.ts";
import { useMe } from "../../../shell/me.ts";
import { Field, Input } from "../../../ui/field.tsx";
import { Notice } from "../../../ui/notice.tsx";

interface ConfirmationProps {
  needed: SignInMethods["confirmation"];
  value: string;
  onChange: (password: string) => void;
  error: string | undefined;
}

/** What a change of the ways to sign in asks for some minutes after signing in: that it is really the person. */
export function Confirmation({ needed, value, onChange, error }: ConfirmationProps): ReactNode {
  const me = useMe();
  if (needed === "none") return null;
  if (needed === "sign_in") {
    return (
      <Notice>
        You have been signed in for a while. For your safety, sign out and in again before you change how you sign in.
      </Notice>
    );
  }
  return (
    <>
      {/* For password managers, which want to know whose password it is. */}
      <input type="text" autoComplete="username" value={me.username} readOnly hidden />
      <Field label="Your password" hint="So that nobody does this at a computer you left." error={error}>
        {(control) => (
          <Input
            {...control}
            type="password"
            autoComplete="current-password"
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        )}
      </Field>
    </>
  );
}

/** The password as the API takes it: absent where none was asked for. */
export function givenPassword(password: string): { password?: string } {
  return password === "" ? {} : { password };
}
