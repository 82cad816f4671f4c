import { RadioGroup } from "radix-ui";
import type { ReactNode } from "react";

interface SegmentsProps<Value extends string> {
  /** What is chosen: "Range". */
  label: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
}

/** One of a few that all fit in a row; arrow keys go from one to the next. */
export function Segments<Value extends string>({ label, value, options, onChange }: SegmentsProps<Value>): ReactNode {
  return (
    <RadioGroup.Root
      aria-label={label}
      value={value}
      onValueChange={(chosen) => {
        const option = options.find((each) => each.value === chosen);
        if (option !== undefined) onChange(option.value);
      }}
      orientation="horizontal"
      className="inline-flex rounded-md border border-line-strong bg-surface p-0.5"
    >
      {options.map((option) => (
        <RadioGroup.Item
          key={option.value}
          value={option.value}
          className="h-7 rounded-sm px-2.5 text-sm whitespace-nowrap text-muted hover:text-ink data-[state=checked]:bg-overlay data-[state=checked]:font-medium data-[state=checked]:text-ink data-[state=checked]:outline data-[state=checked]:outline-line-strong focus-visible:outline-2 focus-visible:outline-accent"
        >
          {option.label}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
