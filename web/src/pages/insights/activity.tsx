import type { ReactNode } from "react";
import { useState } from "react";
import { Card, Section } from "../../ui/card.tsx";
import { LineChart } from "../../ui/line-chart.tsx";
import { Segments } from "../../ui/segments.tsx";
import type { ChartDay } from "./chart-days.ts";

const short = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const long = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Day by day, as lines or as the table behind them. */
export function Activity({ days }: { days: readonly ChartDay[] }): ReactNode {
  const [shown, setShown] = useState<"chart" | "table">("chart");
  return (
    <Section
      title="Day by day"
      description={`Each on the day its newest chat began, in your time zone (${zone.replaceAll("_", " ")}).`}
      actions={
        <Segments
          label="Show day by day as"
          value={shown}
          options={[
            { value: "chart", label: "Chart" },
            { value: "table", label: "Table" },
          ]}
          onChange={setShown}
        />
      }
    >
      <Card className="min-w-0 px-4 py-4">{shown === "chart" ? <Chart days={days} /> : <Table days={days} />}</Card>
    </Section>
  );
}

function Chart({ days }: { days: readonly ChartDay[] }): ReactNode {
  return (
    <LineChart
      label="Pull requests created and merged, day by day"
      points={days.map(({ start }) => ({ short: short.format(start), long: long.format(start) }))}
      series={[
        { name: "Created", values: days.map(({ created }) => created), colour: "var(--muted)", dashed: true },
        { name: "Merged", values: days.map(({ merged }) => merged), colour: "var(--git-merged)" },
      ]}
    />
  );
}

function Table({ days }: { days: readonly ChartDay[] }): ReactNode {
  return (
    <div className="max-h-80 overflow-y-auto" role="region" aria-label="Day by day" tabIndex={0}>
      <table className="w-full table-fixed text-left">
        <thead className="sticky top-0 bg-overlay text-sm text-muted">
          <tr>
            <th className="py-1.5 pr-3 font-medium">Day</th>
            <th className="w-20 py-1.5 text-right font-medium">Created</th>
            <th className="w-20 py-1.5 text-right font-medium">Merged</th>
          </tr>
        </thead>
        <tbody className="tabular">
          {days.toReversed().map(({ start, created, merged }) => (
            <tr key={start} className="border-t border-line">
              <th scope="row" className="truncate py-1.5 pr-3 font-normal">
                {long.format(start)}
              </th>
              <td className="py-1.5 text-right">{created}</td>
              <td className="py-1.5 text-right">{merged}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
