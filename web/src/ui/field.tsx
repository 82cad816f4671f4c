import type { ComponentProps, ReactNode } from "react";
import { useId } from "react";
import { cx } from "./cx.ts";

// At 16 px a phone does not zoom in on focus.
const control =
  "w-full rounded-md border border-edge bg-overlay text-base text-ink max-md:text-[1rem] transition-colors duration-100 " +
  "hover:border-faint focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 " +
  "aria-invalid:border-danger disabled:bg-surface disabled:text-muted read-only:bg-surface";

interface InputProps extends ComponentProps<"input"> {
  /** As high as a small button, to stand beside one. */
  compact?: boolean;
}

export function Input({ compact = false, className, ...rest }: InputProps): ReactNode {
  return <input {...rest} className={cx(control, compact ? "h-7 px-2.5" : "h-9 px-3", className)} />;
}

export function Textarea({ className, ...rest }: ComponentProps<"textarea">): ReactNode {
  return <textarea {...rest} className={cx(control, "resize-y px-3 py-2 leading-relaxed", className)} />;
}

/** What a control takes so that its label, hint and error belong to it. */
export interface FieldControl {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

interface FieldProps {
  label: string;
  /** Said before anything went wrong: rules, units, examples. */
  hint?: ReactNode;
  error?: string | undefined;
  optional?: boolean;
  className?: string;
  children: (props: FieldControl) => ReactNode;
}

/** A label, its control, and one line that is the hint until there is an error. */
export function Field({ label, hint, error, optional = false, className, children }: FieldProps): ReactNode {
  const id = useId();
  const noteId = `${id}-note`;
  const hasNote = error !== undefined || hint !== undefined;
  return (
    <div className={cx("flex min-w-0 flex-col gap-1.5", className)}>
      <label htmlFor={id} className="text-sm font-medium text-ink">
        {label}
        {optional && <span className="font-normal text-faint"> (optional)</span>}
      </label>
      {children({
        id,
        "aria-describedby": hasNote ? noteId : undefined,
        "aria-invalid": error === undefined ? undefined : true,
      })}
      {hasNote && (
        <p id={noteId} className={cx("text-sm", error === undefined ? "text-faint" : "text-danger")}>
          {error ?? hint}
        </p>
      )}
    </div>
  );
}
