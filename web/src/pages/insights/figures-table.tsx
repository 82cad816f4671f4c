import type { ReactNode } from "react";
import { Card } from "../../ui/card.tsx";
import { cx } from "../../ui/cx.ts";
import { percent } from "./trends.ts";

interface Column {
  name: string;
  /** Its width, such as `w-24`; the first takes what is left. */
  width?: string;
  number?: boolean;
}

interface FiguresTableProps {
  label: string;
  columns: readonly Column[];
  children: ReactNode;
}

/** A table of a fixed layout: a long title is cut, and never pushes the figures out. */
export function FiguresTable({ label, columns, children }: FiguresTableProps): ReactNode {
  return (
    <Card className="overflow-hidden">
      <table aria-label={label} className="w-full table-fixed text-left">
        <thead className="border-b border-line bg-surface text-xs text-muted sm:text-sm">
          <tr>
            {columns.map(({ name, width, number = false }) => (
              <th
                key={name}
                scope="col"
                className={cx(cell, "align-bottom font-medium", width, number && "text-right")}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">{children}</tbody>
      </table>
    </Card>
  );
}

export const cell = "px-1.5 py-2.5 first:pl-3 last:pr-3 sm:px-3 sm:first:pl-4 sm:last:pr-4";
export const numberCell = `${cell} tabular text-right whitespace-nowrap`;

/** The share in words, with a bar of the same length. */
export function RateBar({ rate }: { rate: number }): ReactNode {
  return (
    <span className="flex items-center justify-end gap-2.5 sm:justify-start">
      <span className="tabular w-10 text-right">{percent(rate)}%</span>
      <span aria-hidden className="hidden h-1.5 flex-1 overflow-hidden rounded-full bg-raised sm:block">
        <span className="block h-full rounded-full bg-git-merged" style={{ width: `${rate * 100}%` }} />
      </span>
    </span>
  );
}
