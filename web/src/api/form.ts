import type { FormEvent } from "react";
import { useEffect, useRef, useState } from "react";
import type { z } from "zod";
import type { ProblemError } from "../../../src/contract/common.ts";
import { ApiError, fieldErrors } from "./error.ts";

interface FormOptions<Values extends object, Output> {
  initial: Values;
  /** The contract's schema, asked before anything is sent. */
  parse: (values: Values) => z.ZodSafeParseResult<Output>;
  submit: (output: Output) => Promise<void>;
  /** The field that a place in the body belongs to, by its steps; by default the first step. */
  fieldOf?: (steps: readonly string[]) => string | undefined;
}

export interface Form<Values extends object> {
  values: Values;
  set: <Name extends keyof Values>(name: Name, value: Values[Name]) => void;
  /** By field; a field's error goes when the field changes. */
  errors: Partial<Record<keyof Values, string>>;
  /** What went wrong that belongs to no field. */
  failure: unknown;
  busy: boolean;
  reset: () => void;
  /** For `<form {...form.props}>`. */
  props: { onSubmit: (event: FormEvent) => void; noValidate: true; ref: React.RefObject<HTMLFormElement | null> };
}

/** Values, checked by the same schema as on the server, with the server's own complaints beside their fields. */
export function useForm<Values extends object, Output>(options: FormOptions<Values, Output>): Form<Values> {
  const [values, setValues] = useState(options.initial);
  const [errors, setErrors] = useState<Partial<Record<keyof Values, string>>>({});
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const ref = useRef<HTMLFormElement>(null);

  useEffect(() => {
    // Where to go on is the first field that is wrong.
    if (Object.keys(errors).length === 0 || ref.current?.contains(document.activeElement) === false) return;
    const invalid = ref.current?.querySelector("[aria-invalid]");
    if (invalid instanceof HTMLElement) invalid.focus();
  }, [errors]);

  /** Puts each complaint beside its field; what belongs to none is said for the form as a whole. */
  function complain(error: unknown, complaints: readonly ProblemError[]): void {
    const found = fieldErrors(complaints, options.fieldOf);
    const mine: Partial<Record<keyof Values, string>> = {};
    for (const name of Object.keys(values) as (keyof Values & string)[]) {
      if (found[name] !== undefined) mine[name] = found[name];
    }
    setErrors(mine);
    setFailure(Object.keys(mine).length === 0 ? error : null);
  }

  async function submit(): Promise<void> {
    if (busy) return;
    setFailure(null);
    const parsed = options.parse(values);
    if (!parsed.success) {
      const complaints = parsed.error.issues.map((issue) => ({
        pointer: `/${issue.path.map(String).join("/")}`,
        detail: issue.message,
      }));
      return complain(new ApiError(400, complaints[0]?.detail ?? "Something here is not valid."), complaints);
    }
    setErrors({});
    setBusy(true);
    try {
      await options.submit(parsed.data);
    } catch (error) {
      complain(error, error instanceof ApiError ? error.errors : []);
    } finally {
      setBusy(false);
    }
  }

  return {
    values,
    errors,
    failure,
    busy,
    set(name, value) {
      setValues((before) => ({ ...before, [name]: value }));
      setErrors(function withoutOld({ [name]: _old, ...others }) {
        return others as Partial<Record<keyof Values, string>>;
      });
    },
    reset() {
      setValues(options.initial);
      setErrors({});
      setFailure(null);
    },
    props: {
      ref,
      noValidate: true,
      onSubmit(event) {
        event.preventDefault();
        void submit();
      },
    },
  };
}
