import { Check, ChevronDown } from "lucide-react";
import { Select as RadixSelect } from "radix-ui";
import type { ReactNode } from "react";
import type { FieldControl } from "./field.tsx";

interface SelectProps extends Partial<FieldControl> {
  value: string;
  onValueChange: (value: string) => void;
  options: readonly { value: string; label: string; disabled?: boolean }[];
  /** Its name where no label stands beside it. */
  "aria-label"?: string;
  placeholder?: string;
  disabled?: boolean;
}

/** One of a few, in a form. For long or rich lists take `Picker`. */
export function Select({ value, onValueChange, options, placeholder, disabled, ...control }: SelectProps): ReactNode {
  return (
    <RadixSelect.Root value={value} onValueChange={onValueChange} disabled={disabled}>
      <RadixSelect.Trigger
        {...control}
        className="flex h-9 w-full items-center justify-between gap-2 rounded-md border border-edge bg-overlay px-3 text-base text-ink hover:border-faint disabled:opacity-60 data-placeholder:text-faint"
      >
        <span className="min-w-0 truncate text-left">
          <RadixSelect.Value placeholder={placeholder} />
        </span>
        <RadixSelect.Icon>
          <ChevronDown size={16} className="text-faint" aria-hidden />
        </RadixSelect.Icon>
      </RadixSelect.Trigger>
      <RadixSelect.Portal>
        <RadixSelect.Content
          position="popper"
          sideOffset={4}
          className="animate-enter z-50 max-h-80 min-w-(--radix-select-trigger-width) overflow-hidden rounded-lg border border-line-strong bg-overlay p-1"
        >
          <RadixSelect.Viewport>
            {options.map((option) => (
              <RadixSelect.Item
                key={option.value}
                value={option.value}
                disabled={option.disabled}
                className="flex h-8 cursor-default items-center justify-between gap-3 rounded-md px-2 text-base text-ink outline-none select-none data-disabled:text-faint data-highlighted:bg-raised"
              >
                <RadixSelect.ItemText>{option.label}</RadixSelect.ItemText>
                <RadixSelect.ItemIndicator>
                  <Check size={16} className="text-accent" aria-hidden />
                </RadixSelect.ItemIndicator>
              </RadixSelect.Item>
            ))}
          </RadixSelect.Viewport>
        </RadixSelect.Content>
      </RadixSelect.Portal>
    </RadixSelect.Root>
  );
}
