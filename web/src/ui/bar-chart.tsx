import type { ReactNode } from "react";
import { ChartFrame, type ChartPoint } from "./chart-frame.tsx";

interface BarChartProps {
  /** What it shows, for whoever does not see it. */
  label: string;
  points: readonly ChartPoint[];
  /** One for each point. */
  values: readonly number[];
  /** Values at the lines of the scale, 0 first. */
  ticks: readonly number[];
  format: (value: number) => string;
  /** What a point says beyond its name, a line each: name and value. */
  facts: (index: number) => readonly (readonly [string, string])[];
}

/** Above it a bar is no wider, however few there are. */
const WIDEST = 40;
const GAP_SHARE = 0.25;
/** What is there but little is still seen. */
const LOWEST = 2;

/** A bar for each point in time. */
export function BarChart({ label, points, values, ticks, format, facts }: BarChartProps): ReactNode {
  const words = (index: number) =>
    `${points[index]?.long ?? ""}: ${facts(index)
      .map((fact) => fact.join(" "))
      .join(", ")}`;
  return (
    <ChartFrame
      label={label}
      points={points}
      ticks={ticks}
      format={format}
      layout="bands"
      words={words}
      marks={({ x, y, step, at, height }) => {
        const width = Math.max(1, Math.min(WIDEST, step * (1 - GAP_SHARE)));
        return (
          <>
            {at !== null && (
              <rect x={x(at) - step / 2} y={10} width={step} height={height - 10} className="fill-raised" rx={2} />
            )}
            {values.map((value, index) => {
              if (value <= 0) return null;
              const tall = Math.max(LOWEST, height - y(value));
              return (
                <rect
                  key={points[index]?.long ?? index}
                  x={x(index) - width / 2}
                  y={height - tall}
                  width={width}
                  height={tall}
                  rx={Math.min(2, width / 2)}
                  className={at === index ? "fill-accent-strong" : "fill-accent"}
                />
              );
            })}
          </>
        );
      }}
      reading={(index) =>
        facts(index).map(([name, value]) => (
          <span key={name} className="flex items-center gap-4 whitespace-nowrap">
            <span className="flex-1 text-muted">{name}</span>
            <span className="tabular font-medium">{value}</span>
          </span>
        ))
      }
    />
  );
}
