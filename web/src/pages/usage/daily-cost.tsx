import type { ReactNode } from "react";
import { useState } from "react";
import type { DailyUsage } from "../../../../src/contract/usage.ts";
import { readersZone } from "../../api/usage-queries.ts";
import { BarChart } from "../../ui/bar-chart.tsx";
import { Card, Section } from "../../ui/card.tsx";
import { scaleTicks } from "../../ui/chart-scale.ts";
import { formatCount, formatScaleMicros, formatTokens } from "../../ui/money.ts";
import { Segments } from "../../ui/segments.tsx";
import { CostAmount, costWords } from "../../usage/cost-amount.tsx";
import { Tokens } from "./usage-table.tsx";

const short = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const long = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
/** Below it a scale would have lines between cents, which are not shown. */
const SMALLEST_SCALE_MICROS = 40_000;

/** What each day cost, as bars or as the table behind them. */
export function DailyCost({ days }: { days: readonly DailyUsage[] }): ReactNode {
  const [shown, setShown] = useState<"chart" | "table">("chart");
  return (
    <Section
      title="Day by day"
      description={`Days of your time zone (${readersZone().replaceAll("_", " ")}).`}
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

function Chart({ days }: { days: readonly DailyUsage[] }): ReactNode {
  const values = days.map((day) => day.total_cost_micros);
  return (
    <BarChart
      label="Cost, day by day"
      points={days.map(({ start }) => ({
        short: short.format(Date.parse(start)),
        long: long.format(Date.parse(start)),
      }))}
      values={values}
      ticks={scaleTicks(Math.max(SMALLEST_SCALE_MICROS, ...values))}
      format={formatScaleMicros}
      facts={(index) => {
        const day = days[index];
        return day === undefined ? [] : factsOf(day);
      }}
    />
  );
}

function factsOf(day: DailyUsage): (readonly [string, string])[] {
  const unpriced = day.unpriced_call_count;
  return [
    ["Cost", costOf(day)],
    ...(unpriced > 0 ? [["Calls not priced", formatCount(unpriced)] as const] : []),
    ["Messages", formatCount(day.message_count)],
    ["Input", formatTokens(day.total_input_tokens)],
    ["Output", formatTokens(day.total_output_tokens)],
    ["Cache read", formatTokens(day.total_cache_read_tokens)],
    ["Cache write", formatTokens(day.total_cache_creation_tokens)],
  ];
}

function costOf(day: DailyUsage): string {
  return costWords({
    micros: day.total_cost_micros,
    unpriced: day.unpriced_call_count,
    estimated: day.estimated_cost_micros,
  });
}

function Table({ days }: { days: readonly DailyUsage[] }): ReactNode {
  return (
    <div className="max-h-80 overflow-auto" role="region" aria-label="Day by day" tabIndex={0}>
      <table className="w-full text-left whitespace-nowrap">
        <thead className="sticky top-0 z-[1] bg-overlay text-sm text-muted">
          <tr>
            <th className="py-1.5 pr-3 font-medium">Day</th>
            {["Cost", "Input", "Output", "Cache read", "Cache write", "Messages"].map((name) => (
              <th key={name} className="py-1.5 pl-4 text-right font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="tabular">
          {days.toReversed().map((day) => (
            <tr key={day.date} className="border-t border-line">
              <th scope="row" className="py-1.5 pr-3 font-normal">
                {long.format(Date.parse(day.start))}
              </th>
              <td className="py-1.5 pl-4 text-right">
                <CostAmount
                  micros={day.total_cost_micros}
                  unpriced={day.unpriced_call_count}
                  estimated={day.estimated_cost_micros}
                />
              </td>
              {[
                day.total_input_tokens,
                day.total_output_tokens,
                day.total_cache_read_tokens,
                day.total_cache_creation_tokens,
              ].map((count, index) => (
                <td key={index} className="py-1.5 pl-4 text-right">
                  <Tokens count={count} />
                </td>
              ))}
              <td className="py-1.5 pl-4 text-right">{formatCount(day.message_count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
