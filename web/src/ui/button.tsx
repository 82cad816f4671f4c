import { Slot } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { cx } from "./cx.ts";
import { Tooltip } from "./tooltip.tsx";

const base =
  "inline-flex shrink-0 select-none items-center justify-center gap-2 whitespace-nowrap rounded-md font-medium " +
  "transition-colors duration-100 disabled:opacity-50 disabled:pointer-events-none aria-disabled:opacity-50";

const variants = {
  primary: "bg-accent text-accent-ink hover:bg-accent-strong",
  secondary: "border border-line-strong bg-overlay text-ink hover:bg-raised active:bg-pressed",
  ghost: "text-muted hover:bg-raised hover:text-ink active:bg-pressed",
  danger: "bg-danger text-danger-ink hover:bg-danger-strong",
  /** A dangerous action that is not the main one of its place. */
  "danger-ghost": "text-danger hover:bg-danger-soft",
} as const;

const sizes = { sm: "h-7 px-2.5 text-sm", md: "h-8.5 px-3.5 text-base", lg: "h-10 px-4.5 text-base" } as const;

interface ButtonProps extends ComponentProps<"button"> {
  variant?: keyof typeof variants;
  size?: keyof typeof sizes;
  /** Keeps its width, says so to screen readers and takes no second press. */
  busy?: boolean;
  /** Gives its looks to the one child, such as a link. */
  asChild?: boolean;
}

export function Button({
  variant = "secondary",
  size = "md",
  busy = false,
  asChild = false,
  className,
  disabled,
  children,
  ...rest
}: ButtonProps): ReactNode {
  const look = cx(base, variants[variant], sizes[size], className);
  if (asChild) {
    return (
      <Slot.Root className={look} {...rest}>
        {children}
      </Slot.Root>
    );
  }
  return (
    <button type="button" {...rest} className={look} disabled={disabled || busy} aria-busy={busy || undefined}>
      {busy ? <span className="animate-breathe inline-flex items-center gap-2">{children}</span> : children}
    </button>
  );
}

interface IconButtonProps extends Omit<ComponentProps<"button">, "aria-label"> {
  /** What it does: its name for screen readers and its tooltip. */
  label: string;
  /** A key that does the same, shown in the tooltip. */
  shortcut?: string;
  size?: "sm" | "md";
  side?: "top" | "right" | "bottom" | "left";
}

/** A square button with an icon (16 px) and a name. 28 or 34 px, above the 24 px that a finger needs. */
export function IconButton({
  label,
  shortcut,
  size = "sm",
  side = "bottom",
  className,
  children,
  ...rest
}: IconButtonProps): ReactNode {
  return (
    <Tooltip label={label} shortcut={shortcut} side={side}>
      <button
        type="button"
        aria-label={label}
        {...rest}
        className={cx(base, variants.ghost, size === "sm" ? "size-7" : "size-8.5", className)}
      >
        {children}
      </button>
    </Tooltip>
  );
}
