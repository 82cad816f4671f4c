import { Tooltip as RadixTooltip } from "radix-ui";
import type { ReactNode } from "react";
import { Keys } from "./keys.tsx";

interface TooltipProps {
  label: ReactNode;
  shortcut?: string;
  side?: "top" | "right" | "bottom" | "left";
  /** One element that takes a ref. */
  children: ReactNode;
}

export const TooltipProvider = RadixTooltip.Provider;

export function Tooltip({ label, shortcut, side = "top", children }: TooltipProps): ReactNode {
  return (
    <RadixTooltip.Root>
      <RadixTooltip.Trigger asChild>{children}</RadixTooltip.Trigger>
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
