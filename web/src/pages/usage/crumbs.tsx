import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";

/** The way to what is shown; its last step is where one is. */
export function Crumbs({ steps }: { steps: readonly ReactNode[] }): ReactNode {
  return (
    <nav aria-label="The way here" className="min-w-0">
      <ol className="flex min-w-0 flex-wrap items-center gap-x-1.5 gap-y-1 text-muted">
        {steps.map((step, index) => (
          <li
            key={index}
            aria-current={index === steps.length - 1 ? "page" : undefined}
            className="flex max-w-full min-w-0 items-center gap-1.5 last:text-ink"
          >
            {index > 0 && <ChevronRight size={14} className="shrink-0 text-faint" aria-hidden />}
            <span className="max-w-64 min-w-0 truncate">{step}</span>
          </li>
        ))}
      </ol>
    </nav>
  );
}
