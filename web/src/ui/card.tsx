import type { ReactNode } from "react";
import { cx } from "./cx.ts";

/** A part of a page with an edge of its own. */
export function Card({ className, children }: { className?: string; children: ReactNode }): ReactNode {
  return <div className={cx("rounded-lg border border-line bg-overlay", className)}>{children}</div>;
}

interface SectionProps {
  title: string;
  description?: ReactNode;
  /** Stands at the right of the title. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A titled part of a settings page. */
export function Section({ title, description, actions, children }: SectionProps): ReactNode {
  return (
    <section className="flex flex-col gap-4" aria-label={title}>
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <div className="max-w-measure">
          <h2 className="text-lg font-semibold">{title}</h2>
          {description !== undefined && <p className="mt-1 text-muted">{description}</p>}
        </div>
        {actions}
      </div>
      {children}
    </section>
  );
}
