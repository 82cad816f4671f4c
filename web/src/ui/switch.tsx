import { Switch as RadixSwitch } from "radix-ui";
import type { ReactNode } from "react";

interface SwitchProps {
  label: string;
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
  disabled?: boolean;
}

/** On or off, at once. Its label is its name only; say beside it in words what it does. */
export function Switch({ label, checked, onCheckedChange, disabled = false }: SwitchProps): ReactNode {
  return (
    <RadixSwitch.Root
      aria-label={label}
      checked={checked}
      onCheckedChange={onCheckedChange}
      disabled={disabled}
      className="relative h-6 w-10 shrink-0 rounded-full border border-edge bg-raised transition-colors duration-100 disabled:opacity-50 data-[state=checked]:border-accent data-[state=checked]:bg-accent"
    >
      <RadixSwitch.Thumb className="block size-4 translate-x-[3px] rounded-full bg-faint transition-transform duration-100 data-[state=checked]:translate-x-[19px] data-[state=checked]:bg-accent-ink" />
    </RadixSwitch.Root>
  );
}
