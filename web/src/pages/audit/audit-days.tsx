import type { ReactNode } from "react";
import type { AuditLog } from "../../../../src/contract/audit.ts";
import { AuditEntry } from "./audit-entry.tsx";
import type { AuditFilters } from "./audit-search.ts";

interface AuditDaysProps {
  entries: readonly AuditLog[];
  /** Shows only what belongs to one person or object. */
  onNarrow: (filters: AuditFilters) => void;
}

/** The entries under the days of the reader's zone. */
export function AuditDays({ entries, onNarrow }: AuditDaysProps): ReactNode {
  const byDay = Map.groupBy(entries, ({ time }) => new Date(time).toDateString());
  return (
    <div className="flex flex-col gap-6">
      {[...byDay].map(([day, those]) => (
        <section key={day} aria-label={dayWords(day)}>
          <h3 className="mb-2 text-sm font-medium text-muted">{dayWords(day)}</h3>
          <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-overlay">
            {those.map((entry) => (
              <AuditEntry key={entry.id} entry={entry} onNarrow={onNarrow} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function dayWords(day: string): string {
  const today = new Date();
  if (day === today.toDateString()) return "Today";
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (day === yesterday.toDateString()) return "Yesterday";
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "full" }).format(new Date(day));
}
