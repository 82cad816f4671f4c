import type { ReactNode } from "react";
import { useId } from "react";
import { cx } from "./cx.ts";

interface ChoiceRowProps {
  type: "checkbox" | "radio";
  /** Radios of one name exclude each other. */
  name: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  title: ReactNode;
  /** One line: what choosing it means. */
  description?: ReactNode;
  disabled?: boolean;
}

/** One of a few choices that each need a sentence. The whole row can be pressed. */
export function ChoiceRow(props: ChoiceRowProps): ReactNode {
  const { type, name, checked, onChange, title, description, disabled = false } = props;
  const id = useId();
  return (
    <label
      className={cx(
        "flex items-start gap-3 rounded-md px-3 py-2 transition-colors duration-100",
        disabled ? "text-muted" : "cursor-pointer hover:bg-raised",
      )}
    >
      <input
        type={type}
        name={name}
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
        aria-labelledby={`${id}-title`}
        aria-describedby={description === undefined ? undefined : `${id}-description`}
        className="mt-[3px] size-4 shrink-0 accent-accent"
      />
      <span className="min-w-0">
        <span id={`${id}-title`} className="block font-medium">
          {title}
        </span>
        {description !== undefined && (
          <span id={`${id}-description`} className="block text-sm text-muted">
            {description}
          </span>
        )}
      </span>
    </label>
  );
}

/** A framed group of such rows with a name. */
export function ChoiceRows({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <fieldset className="flex min-w-0 flex-col gap-1.5">
      <legend className="mb-1.5 text-sm font-medium text-ink">{label}</legend>
      <div className="flex flex-col rounded-md border border-line-strong p-1">{children}</div>
    </fieldset>
  );
}
