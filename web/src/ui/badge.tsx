import type { ReactNode } from "react";
import { cx } from "./cx.ts";

const tones = {
  neutral: "border-line-strong text-muted",
  accent: "border-transparent bg-accent-soft text-accent-strong",
  success: "border-transparent bg-success-soft text-success",
  warning: "border-transparent bg-warning-soft text-warning",
  danger: "border-transparent bg-danger-soft text-danger",
} as const;
export type Tone = keyof typeof tones;

/** A short word about something. The word says it; the colour only helps. */
export function Badge({ tone = "neutral", children }: { tone?: Tone; children: ReactNode }): ReactNode {
  return (
    <span
      className={cx(
        "inline-flex h-5 shrink-0 items-center gap-1 rounded-sm border px-1.5 text-xs font-medium whitespace-nowrap",
        tones[tone],
      )}
    >
      {children}
    </span>
  );
}

const dots = {
  neutral: "border-faint bg-transparent",
  accent: "border-accent bg-accent",
  success: "border-success bg-success",
  warning: "border-warning bg-warning",
  danger: "border-danger bg-danger",
} as const;

/** A dot before a status in words; never without them. `live` breathes while something moves. */
export function StatusDot({ tone, live = false }: { tone: Tone; live?: boolean }): ReactNode {
  return (
    <span aria-hidden className={cx("size-2 shrink-0 rounded-full border", dots[tone], live && "animate-breathe")} />
  );
}
