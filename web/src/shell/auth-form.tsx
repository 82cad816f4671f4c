import type { ReactNode } from "react";
import type { Form } from "../api/form.ts";
import { Button } from "../ui/button.tsx";
import { FormFailure } from "../ui/form-failure.tsx";

interface AuthFormProps<Values extends object> {
  form: Form<Values>;
  /** What its one button says. */
  action: string;
  disabled?: boolean;
  /** What went wrong, where the server's own words are not the best ones. */
  failure?: ReactNode;
  children: ReactNode;
}

/** A form before the sign-in: its fields, what went wrong with it, and one button as wide as they are. */
export function AuthForm<Values extends object>(props: AuthFormProps<Values>): ReactNode {
  const { form, action, disabled = false, failure, children } = props;
  return (
    <form {...form.props} className="flex flex-col gap-4">
      {children}
      <FormFailure failure={form.failure}>{form.failure === null ? undefined : failure}</FormFailure>
      <Button type="submit" variant="primary" size="lg" busy={form.busy} disabled={disabled} className="mt-1">
        {action}
      </Button>
    </form>
  );
}
