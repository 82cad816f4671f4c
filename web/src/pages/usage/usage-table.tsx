import { ArrowDown, ArrowUp } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import type { UsageTotals } from "../../../../src/contract/usage.ts";
import { duration } from "../../chat/words.ts";
import { CostAmount } from "../../usage/cost-amount.tsx";
import { Card } from "../../ui/card.tsx";
import { cx } from "../../ui/cx.ts";
import { formatCount, formatTokens } from "../../ui/money.ts";
import { shortTime } from "./usage-words.ts";

interface Column<Row> {
  name: string;
  cell: (row: Row) => ReactNode;
  /** What rows are sorted by. */
  value: (row: Row) => number;
}

interface UsageTableProps<Row extends UsageTotals> {
  label: string;
  /** What the rows are: the name of the first column. */
  of: string;
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  name: (row: Row) => ReactNode;
  /** Counted things beside messages, such as chats. */
  counts?: readonly { name: string; value: (row: Row) => number }[];
  /** Where the page has all rows, they can be put into another order. */
  sortable?: boolean;
  /** What they add up to. */
  total?: UsageTotals | undefined;
}

/** Who or what cost and used how much. It scrolls within its own frame where it is wider than the screen. */
export function UsageTable<Row extends UsageTotals>(props: UsageTableProps<Row>): ReactNode {
  const { label, of, rows, keyOf, name, counts = [], sortable = true, total } = props;
  const [order, setOrder] = useState({ column: "Cost", descending: true });
  const columns: Column<Row>[] = [
    ...moneyAndTokens,
    ...counts.map((each) => ({ ...each, cell: (row: Row) => formatCount(each.value(row)) })),
    time,
  ];
  const by = columns.find((column) => column.name === order.column);
  const sign = order.descending ? -1 : 1;
  const ordered =
    by === undefined || !sortable ? rows : rows.toSorted((one, other) => sign * (by.value(one) - by.value(other)));
  return (
    <TableFrame label={label}>
      <thead className="text-sm text-muted">
        <tr className="border-b border-line">
          <th scope="col" className={cx(cell, firstCell, "bg-surface font-medium")}>
            <span className={cx("block w-28", counts.length === 0 && "sm:w-40")}>{of}</span>
          </th>
          {columns.map((column) => {
            const current = column.name === order.column;
            return (
              <th
                key={column.name}
                scope="col"
                aria-sort={current ? (order.descending ? "descending" : "ascending") : undefined}
                className={cx(cell, "bg-surface text-right font-medium whitespace-nowrap")}
              >
                {sortable && rows.length > 1 ? (
                  <button
                    type="button"
                    onClick={() => setOrder({ column: column.name, descending: !current || !order.descending })}
                    className="relative rounded-sm hover:text-ink"
                  >
                    {current && <Arrow descending={order.descending} />}
                    {column.name}
                  </button>
                ) : (
                  column.name
                )}
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {ordered.map((row) => (
          <tr key={keyOf(row)}>
            <th scope="row" className={cx(cell, firstCell, "max-w-0 bg-overlay font-normal")}>
              {name(row)}
            </th>
            {columns.map((column) => (
              <td key={column.name} className={numberCell}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
      {total !== undefined && rows.length > 1 && (
        <tfoot>
          <tr className="border-t border-line-strong font-medium">
            <th scope="row" className={cx(cell, firstCell, "bg-overlay font-medium")}>
              In all
            </th>
            {moneyAndTokens.map((column) => (
              <td key={column.name} className={numberCell}>
                {column.cell(total)}
              </td>
            ))}
            {counts.map((each) => (
              <td key={each.name} />
            ))}
            <td className={numberCell}>{time.cell(total)}</td>
          </tr>
        </tfoot>
      )}
    </TableFrame>
  );
}

/** A table that scrolls sideways on its own, also with the keyboard. */
export function TableFrame({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <Card className="relative min-w-0 overflow-hidden">
      <div role="region" aria-label={label} tabIndex={0} className="overflow-x-auto rounded-lg -outline-offset-2">
        <table aria-label={label} className="w-full text-left">
          {children}
        </table>
      </div>
    </Card>
  );
}

export const cell = "px-1.5 py-2.5 first:pl-4 last:pr-4";
/** Stays where it is while the figures beside it are scrolled. */
export const firstCell = "sticky left-0 z-[1] w-full";
export const numberCell = `${cell} tabular text-right whitespace-nowrap`;

/** So many tokens, all digits of them on hover. */
export function Tokens({ count }: { count: number | null }): ReactNode {
  if (count === null) return <Unknown />;
  const short = formatTokens(count);
  const exact = formatCount(count);
  return short === exact ? exact : <span title={`${exact} tokens`}>{short}</span>;
}

/** How long an agent was at it; exactly on hover. */
export function Runtime({ milliseconds }: { milliseconds: number }): ReactNode {
  if (milliseconds === 0) return <Unknown />;
  return <span title={duration(milliseconds)}>{shortTime(milliseconds)}</span>;
}

/** What nobody said; a zero would say something. */
export function Unknown(): ReactNode {
  return (
    <span className="text-faint">
      –<span className="sr-only"> not reported</span>
    </span>
  );
}

const tokens = (name: string, value: (row: UsageTotals) => number): Column<UsageTotals> => ({
  name,
  value,
  cell: (row) => <Tokens count={value(row)} />,
});

const moneyAndTokens: readonly Column<UsageTotals>[] = [
  {
    name: "Cost",
    value: (row) => row.total_cost_micros,
    cell: (row) => (
      <CostAmount
        micros={row.total_cost_micros}
        unpriced={row.unpriced_call_count}
        estimated={row.estimated_cost_micros}
      />
    ),
  },
  tokens("Input", (row) => row.total_input_tokens),
  tokens("Output", (row) => row.total_output_tokens),
  tokens("Cache read", (row) => row.total_cache_read_tokens),
  tokens("Cache write", (row) => row.total_cache_creation_tokens),
  { name: "Messages", value: (row) => row.message_count, cell: (row) => formatCount(row.message_count) },
];
const time: Column<UsageTotals> = {
  name: "Time",
  value: (row) => row.total_runtime_ms,
  cell: (row) => <Runtime milliseconds={row.total_runtime_ms} />,
};

function Arrow({ descending }: { descending: boolean }): ReactNode {
  const Icon = descending ? ArrowDown : ArrowUp;
  return <Icon size={12} aria-hidden className="absolute top-1 right-full mr-0.5 text-faint" />;
}
