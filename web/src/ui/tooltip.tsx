import { Tooltip as RadixTooltip } from "radix-ui";
import type { MouseEvent, ReactNode } from "react";
import { useState } from "react";
import { Keys } from "./keys.tsx";

interface TooltipProps {
  label: ReactNode;
  shortcut?: string;
  side?: "top" | "right" | "bottom" | "left";
  /** Comes with a tap or a click, too: for what is nowhere else to be read. */
  tap?: boolean;
  /** One element that takes a ref. */
  children: ReactNode;
}

export const TooltipProvider = RadixTooltip.Provider;

export function Tooltip({ label, shortcut, side = "top", tap = false, children }: TooltipProps): ReactNode {
  const [open, setOpen] = useState(false);
  // A press would close it, as it does where the press itself is what matters.
  const stay = (event: MouseEvent) => {
    event.preventDefault();
    setOpen(true);
  };
  return (
    <RadixTooltip.Root open={open} onOpenChange={setOpen}>
      <RadixTooltip.Trigger asChild {...(tap && { onClick: stay })}>
        {children}
      </RadixTooltip.Trigger>
      <RadixTooltip.Portal>
        <RadixTooltip.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 flex max-w-72 items-center gap-2 rounded-md bg-ink px-2 py-1 text-xs text-page"
        >
          {label}
          {shortcut !== undefined && <Keys keys={shortcut} inverted />}
        </RadixTooltip.Content>
      </RadixTooltip.Portal>
    </RadixTooltip.Root>
  );
}
