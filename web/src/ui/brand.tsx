import type { ReactNode } from "react";

/** The mark: the line that the water leaves, and the still line below. */
export function Mark({ size = 20 }: { size?: number }): ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden className="shrink-0 text-accent">
      <g fill="none" stroke="currentColor" strokeWidth="3" strokeLinecap="round">
        <path d="M3 13.5c4.3 0 4.3-4.4 8.7-4.4s4.3 4.4 8.6 4.4S24.7 9.1 29 9.1" />
        <path d="M3 22.5h26" opacity=".6" />
      </g>
    </svg>
  );
}

export function Wordmark(): ReactNode {
  return (
    <span className="inline-flex items-center gap-2 text-md font-semibold tracking-[-0.01em] text-ink">
      <Mark />
      Tideline
    </span>
  );
}
