import type { ReactNode } from "react";
import { ChartFrame, type ChartPoint } from "./chart-frame.tsx";
import { scaleTicks } from "./chart-scale.ts";

export interface ChartSeries {
  name: string;
  /** One for each point. */
  values: readonly number[];
  /** A colour of the tokens, such as `var(--accent)`. */
  colour: string;
  dashed?: boolean;
}

interface LineChartProps {
  /** What it shows, for whoever does not see it. */
  label: string;
  points: readonly ChartPoint[];
  series: readonly ChartSeries[];
}

/** Lines over points in time, of what is counted in whole numbers. */
export function LineChart({ label, points, series }: LineChartProps): ReactNode {
  const words = (index: number) =>
    `${points[index]?.long ?? ""}: ${series.map(({ name, values }) => `${name} ${values[index] ?? 0}`).join(", ")}`;
  return (
    <figure className="flex flex-col gap-3">
      <figcaption className="flex flex-wrap gap-x-5 gap-y-1 text-sm text-muted">
        {series.map((each) => (
          <span key={each.name} className="inline-flex items-center gap-2">
            <LineSample {...each} />
            {each.name}
          </span>
        ))}
      </figcaption>
      <ChartFrame
        label={label}
        points={points}
        ticks={scaleTicks(Math.max(0, ...series.flatMap(({ values }) => values)))}
        format={String}
        layout="edges"
        words={words}
        marks={({ x, y, at, height }) => (
          <>
            {at !== null && <line x1={x(at)} x2={x(at)} y1={10} y2={height} stroke="var(--line-strong)" />}
            {series.map(({ name, values, colour, dashed = false }) => (
              <g key={name}>
                <polyline
                  points={values.map((value, index) => `${x(index)},${y(value)}`).join(" ")}
                  fill="none"
                  stroke={colour}
                  strokeWidth={2}
                  strokeLinejoin="round"
                  strokeLinecap={dashed ? "butt" : "round"}
                  strokeDasharray={dashed ? "5 4" : undefined}
                />
                {at !== null && <circle cx={x(at)} cy={y(values[at] ?? 0)} r={3.5} fill={colour} />}
              </g>
            ))}
          </>
        )}
        reading={(index) =>
          series.map((each) => (
            <span key={each.name} className="flex items-center gap-2 whitespace-nowrap">
              <LineSample {...each} />
              <span className="flex-1 text-muted">{each.name}</span>
              <span className="tabular font-medium">{each.values[index] ?? 0}</span>
            </span>
          ))
        }
      />
    </figure>
  );
}

function LineSample({ colour, dashed = false }: ChartSeries): ReactNode {
  return (
    <svg width={22} height={8} aria-hidden>
      <line x1={1} x2={21} y1={4} y2={4} stroke={colour} strokeWidth={2} strokeDasharray={dashed ? "5 4" : undefined} />
    </svg>
  );
}
