import type { KeyboardEvent, ReactNode } from "react";
import { useState } from "react";
import { namedPoints, scaleTicks } from "./chart-scale.ts";
import { useWidth } from "./use-width.ts";

export interface ChartSeries {
  name: string;
  /** One for each point. */
  values: readonly number[];
  /** A colour of the tokens, such as `var(--accent)`. */
  colour: string;
  dashed?: boolean;
}

export interface ChartPoint {
  /** Below the axis: "12 Mar". */
  short: string;
  /** Where there is room: "Thursday, 12 March 2026". */
  long: string;
}

interface LineChartProps {
  /** What it shows, for whoever does not see it. */
  label: string;
  points: readonly ChartPoint[];
  series: readonly ChartSeries[];
  format?: (value: number) => string;
  /** The scale has whole numbers only. */
  whole?: boolean;
}

const HEIGHT = 232;
const TOP = 10;
const BOTTOM = 26;
const LEFT = 40;
const RIGHT = 10;
/** So much room has the name of a point, in pixels. */
const NAME_WIDTH = 68;

/**
 * Lines over points in time. One point is looked at closer with the pointer or the arrow keys; a table with the
 * same figures belongs beside it.
 */
export function LineChart({ label, points, series, format = String, whole = true }: LineChartProps): ReactNode {
  const [frame, width] = useWidth<HTMLDivElement>();
  const [looked, setLooked] = useState<number | null>(null);
  const ticks = scaleTicks(Math.max(0, ...series.flatMap(({ values }) => values)), whole);
  const top = ticks.at(-1) ?? 1;
  const last = points.length - 1;
  const inner = Math.max(0, width - LEFT - RIGHT);
  const x = (index: number) => LEFT + (last <= 0 ? inner / 2 : (index / last) * inner);
  const y = (value: number) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
  const at = looked === null ? null : Math.min(looked, last);
  const words = (index: number) =>
    `${points[index]?.long ?? ""}: ${series.map(({ name, values }) => `${name} ${format(values[index] ?? 0)}`).join(", ")}`;

  function lookFrom(clientX: number, left: number): void {
    const share = inner === 0 ? 0 : (clientX - left - LEFT) / inner;
    setLooked(Math.min(last, Math.max(0, Math.round(share * last))));
  }

  function move(event: KeyboardEvent): void {
    const now = at ?? last;
    const next = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1 }[event.key];
    const far = { Home: 0, End: last, PageUp: now - 7, PageDown: now + 7 }[event.key];
    if (event.key === "Escape") return setLooked(null);
    const wanted = next ?? far;
    if (wanted === undefined) return;
    event.preventDefault();
    setLooked(Math.min(last, Math.max(0, wanted)));
  }

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
      <div ref={frame} className="relative" style={{ height: HEIGHT }}>
        {width > 0 && points.length > 0 && (
          <>
            <svg width={width} height={HEIGHT} aria-hidden className="block overflow-visible">
              {ticks.map((tick) => (
                <g key={tick}>
                  <line x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} stroke="var(--line)" />
                  <text x={LEFT - 8} y={y(tick) + 4} textAnchor="end" className="tabular fill-faint text-xs">
                    {format(tick)}
                  </text>
                </g>
              ))}
              {namedPoints(points.length, Math.floor(inner / NAME_WIDTH)).map((index) => (
                <text
                  key={index}
                  x={x(index)}
                  y={HEIGHT - 6}
                  textAnchor={index === last && last > 0 ? "end" : "middle"}
                  className="tabular fill-faint text-xs"
                >
                  {points[index]?.short}
                </text>
              ))}
              {at !== null && <line x1={x(at)} x2={x(at)} y1={TOP} y2={HEIGHT - BOTTOM} stroke="var(--line-strong)" />}
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
            </svg>
            <div
              role="slider"
              tabIndex={0}
              aria-label={`${label}. Arrow keys go from day to day.`}
              aria-valuemin={0}
              aria-valuemax={last}
              aria-valuenow={at ?? last}
              aria-valuetext={words(at ?? last)}
              className="absolute inset-0 touch-pan-y rounded-md"
              onFocus={() => setLooked((before) => before ?? last)}
              onBlur={() => setLooked(null)}
              onKeyDown={move}
              onPointerMove={(event) => lookFrom(event.clientX, event.currentTarget.getBoundingClientRect().left)}
              onPointerLeave={() => setLooked(null)}
            />
            {at !== null && <Reading left={x(at)} width={width} point={points[at]} at={at} {...{ series, format }} />}
          </>
        )}
      </div>
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

interface ReadingProps {
  left: number;
  width: number;
  point: ChartPoint | undefined;
  at: number;
  series: readonly ChartSeries[];
  format: (value: number) => string;
}

/** What stands at the point that is looked at, beside it and never beyond the edge. */
function Reading({ left, width, point, at, series, format }: ReadingProps): ReactNode {
  const onTheLeft = left > width / 2;
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute top-1 z-10 flex max-w-56 flex-col gap-1 rounded-md border border-line-strong bg-overlay px-3 py-2 text-sm"
      style={onTheLeft ? { right: width - left + 10 } : { left: left + 10 }}
    >
      <span className="text-xs text-muted">{point?.long}</span>
      {series.map((each) => (
        <span key={each.name} className="flex items-center gap-2 whitespace-nowrap">
          <LineSample {...each} />
          <span className="flex-1 text-muted">{each.name}</span>
          <span className="tabular font-medium">{format(each.values[at] ?? 0)}</span>
        </span>
      ))}
    </div>
  );
}
