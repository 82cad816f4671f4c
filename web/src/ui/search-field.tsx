import { Search } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { cx } from "./cx.ts";
import { Input } from "./field.tsx";

interface SearchFieldProps extends Omit<ComponentProps<typeof Input>, "aria-label" | "value" | "onChange"> {
  /** What it searches: its name for screen readers. */
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** Narrows the list below it. */
export function SearchField({ label, value, onChange, className, ...rest }: SearchFieldProps): ReactNode {
  return (
    <div className={cx("relative", className)}>
      <Search size={16} aria-hidden className="pointer-events-none absolute top-2.5 left-3 text-faint" />
      <Input
        maxLength={200}
        {...rest}
        type="search"
        aria-label={label}
        className="pl-9"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}
