import type { ReactNode } from "react";
import type { Form } from "../../../api/form.ts";
import { Field, Input } from "../../../ui/field.tsx";

/** Where a code of the authenticator app goes. */
export function CodeField({ form, hint }: { form: Form<{ code: string }>; hint: string }): ReactNode {
  return (
    <Field label="Code" hint={hint} error={form.errors.code}>
      {(control) => (
        <Input
          {...control}
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          className="font-mono"
          value={form.values.code}
          onChange={(event) => form.set("code", event.target.value)}
        />
      )}
    </Field>
  );
}
