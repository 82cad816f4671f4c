import type { ReactNode } from "react";
import type { AuditDiff } from "../../../../src/contract/audit.ts";
import { changeRows } from "./audit-words.ts";

/** What each changed field was and is. */
export function AuditChanges({ diff }: { diff: AuditDiff }): ReactNode {
  const rows = changeRows(diff);
  if (rows.length === 0) return null;
  return (
    <table className="w-full table-fixed text-left text-sm">
      <thead className="text-xs text-muted max-sm:sr-only">
        <tr>
          <th scope="col" className="w-1/4 pb-1 font-medium">
            Field
          </th>
          <th scope="col" className="pb-1 font-medium">
            Before
          </th>
          <th scope="col" className="pb-1 font-medium">
            After
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ field, before, after, secret }) => (
          <tr key={field} className="border-t border-line align-top max-sm:grid max-sm:grid-cols-2 max-sm:py-1.5">
            <th scope="row" className="py-1.5 pr-4 font-medium [overflow-wrap:anywhere] max-sm:col-span-2 max-sm:py-0">
              <bdi>{field}</bdi>
            </th>
            {secret ? (
              <td colSpan={2} className="py-1.5 text-muted max-sm:col-span-2">
                Changed. What it was and is, is a secret.
              </td>
            ) : (
              <>
                <Value text={before} tone="text-muted line-through decoration-faint" />
                <Value text={after} tone="" />
              </>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Value({ text, tone }: { text: string | null; tone: string }): ReactNode {
  return (
    <td className="py-1.5 pr-4">
      {text === null ? (
        <span className="text-faint">nothing</span>
      ) : (
        // However long it is, the entry stays a part of the page.
        <div className="max-h-40 overflow-y-auto">
          <bdi className={`whitespace-pre-wrap [overflow-wrap:anywhere] ${tone}`}>{text}</bdi>
        </div>
      )}
    </td>
  );
}
