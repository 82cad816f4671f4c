import { Check } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { cx } from "./cx.ts";

interface MenuProps {
  /** One button. */
  trigger: ReactNode;
  side?: "top" | "bottom" | "right";
  align?: "start" | "end";
  className?: string;
  children: ReactNode;
}

export function Menu({ trigger, side = "bottom", align = "end", className, children }: MenuProps): ReactNode {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          side={side}
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className={cx(
            "animate-enter z-50 min-w-48 rounded-lg border border-line-strong bg-overlay p-1 text-ink",
            className,
          )}
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

const row =
  "flex min-h-8 cursor-default items-center gap-2.5 rounded-md px-2 text-base outline-none select-none " +
  "data-disabled:text-faint data-highlighted:bg-raised";

interface MenuItemProps extends ComponentProps<typeof DropdownMenu.Item> {
  icon?: ReactNode;
  danger?: boolean;
}

export function MenuItem({ icon, danger = false, className, children, asChild, ...rest }: MenuItemProps): ReactNode {
  const look = cx(row, danger && "text-danger data-highlighted:bg-danger-soft", className);
  if (asChild) {
    return (
      <DropdownMenu.Item asChild className={look} {...rest}>
        {children}
      </DropdownMenu.Item>
    );
  }
  return (
    <DropdownMenu.Item className={look} {...rest}>
      {icon}
      {children}
    </DropdownMenu.Item>
  );
}

interface MenuChoiceProps {
  label: string;
  value: string;
  options: readonly { value: string; label: string; icon?: ReactNode }[];
  onValueChange: (value: string) => void;
}

/** One of a few, inside a menu; choosing keeps the menu open so that the change can be seen. */
export function MenuChoice({ label, value, options, onValueChange }: MenuChoiceProps): ReactNode {
  return (
    <DropdownMenu.RadioGroup value={value} onValueChange={onValueChange} aria-label={label}>
      <DropdownMenu.Label className="px-2 pt-2 pb-1 text-xs font-medium text-faint">{label}</DropdownMenu.Label>
      {options.map((option) => (
        <DropdownMenu.RadioItem
          key={option.value}
          value={option.value}
          className={row}
          onSelect={(event) => event.preventDefault()}
        >
          {option.icon}
          <span className="flex-1">{option.label}</span>
          <DropdownMenu.ItemIndicator>
            <Check size={16} className="text-accent" aria-hidden />
          </DropdownMenu.ItemIndicator>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}

export function MenuLine(): ReactNode {
  return <DropdownMenu.Separator className="my-1 h-px bg-line" />;
}
