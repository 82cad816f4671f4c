import type { ReactNode } from "react";
import { Skeleton } from "../../ui/states.tsx";

/** What comes: a sentence, six figures, a chart, a table. */
export function UsageShape(): ReactNode {
  return (
    <div aria-busy role="status" aria-label="Loading the figures" className="flex flex-col gap-8">
      <Skeleton className="h-6 w-96 max-w-full" />
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-3">
        {Array.from({ length: 6 }, (_, index) => (
          <Skeleton key={index} className="h-24 rounded-lg" />
        ))}
      </div>
      <Skeleton className="h-72 rounded-lg" />
      <Skeleton className="h-56 rounded-lg" />
    </div>
  );
}
