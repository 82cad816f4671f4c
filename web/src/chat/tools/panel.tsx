import type { ReactNode, Ref } from "react";
import { cx } from "../../ui/cx.ts";

interface PanelProps {
  label: string;
  /** A row above what scrolls. */
  head?: ReactNode;
  className?: string;
  ref?: Ref<HTMLDivElement>;
  children: ReactNode;
}

/** The inside of an opened card. It scrolls by itself, and by keyboard, so that a long one stays one card. */
export function Panel({ label, head, className, ref, children }: PanelProps): ReactNode {
  return (
    <div className={cx("overflow-hidden rounded-md border border-line bg-surface", className)}>
      {head}
      <div
        ref={ref}
        role="group"
        aria-label={label}
        tabIndex={0}
        className="max-h-96 overflow-auto focus-visible:outline-offset-[-2px]"
      >
        {children}
      </div>
    </div>
  );
}
