import type { KeyboardEvent, ReactNode } from "react";
import { useState } from "react";
import { namedPoints } from "./chart-scale.ts";
import { useWidth } from "./use-width.ts";

export interface ChartPoint {
  /** Below the axis: "12 Mar". */
  short: string;
  /** Where there is room: "Thursday, 12 March 2026". */
  long: string;
}

/** Where things are, in pixels. */
export interface ChartPlace {
  x: (index: number) => number;
  y: (value: number) => number;
  /** As wide as what belongs to one point. */
  step: number;
  /** The point that is looked at. */
  at: number | null;
  height: number;
}

interface ChartFrameProps {
  /** What it shows, for whoever does not see it. */
  label: string;
  points: readonly ChartPoint[];
  /** Values at the lines of the scale, 0 first. */
  ticks: readonly number[];
  /** A value of the scale in words. */
  format: (value: number) => string;
  /** Whether the first and the last point stand at the edges, as for lines, or each in a band of its own. */
  layout: "edges" | "bands";
  /** A point in one sentence. */
  words: (index: number) => string;
  marks: (place: ChartPlace) => ReactNode;
  /** What stands beside the point that is looked at. */
  reading: (index: number) => ReactNode;
}

const HEIGHT = 232;
const TOP = 10;
const BOTTOM = 26;
const RIGHT = 10;
/** So much room has the name of a point, and a character of the scale, in pixels. */
const NAME_WIDTH = 68;
const CHARACTER_WIDTH = 7;

/**
 * A scale, points in time along it, and one of them that is looked at with the pointer, a finger or the arrow keys.
 * A table with the same figures belongs beside it.
 */
export function ChartFrame(props: ChartFrameProps): ReactNode {
  const { label, points, ticks, format, layout, words, marks, reading } = props;
  const [frame, width] = useWidth<HTMLDivElement>();
  const [looked, setLooked] = useState<number | null>(null);
  const top = ticks.at(-1) ?? 1;
  const last = points.length - 1;
  const scale = ticks.map((tick) => format(tick));
  const left = Math.max(40, 16 + CHARACTER_WIDTH * Math.max(0, ...scale.map((text) => text.length)));
  const inner = Math.max(0, width - left - RIGHT);
  const step = layout === "bands" ? inner / Math.max(1, points.length) : inner / Math.max(1, last);
  const x = (index: number) =>
    layout === "bands" ? left + (index + 0.5) * step : left + (last <= 0 ? inner / 2 : index * step);
  const y = (value: number) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
  const at = looked === null ? null : Math.min(looked, last);

  function lookFrom(clientX: number, edge: number): void {
    const along = clientX - edge - left;
    const index = layout === "bands" ? Math.floor(along / step) : Math.round(along / step);
    setLooked(Math.min(last, Math.max(0, Number.isFinite(index) ? index : 0)));
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
    <div ref={frame} className="relative" style={{ height: HEIGHT }}>
      {width > 0 && points.length > 0 && (
        <>
          <svg width={width} height={HEIGHT} aria-hidden className="block overflow-visible">
            {ticks.map((tick, index) => (
              <g key={tick}>
                <line x1={left} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} stroke="var(--line)" />
                <text x={left - 8} y={y(tick) + 4} textAnchor="end" className="tabular fill-faint text-xs">
                  {scale[index]}
                </text>
              </g>
            ))}
            {namedPoints(points.length, Math.floor(inner / NAME_WIDTH)).map((index) => {
              const endsThere = index === last && last > 0 && (layout === "edges" || step < NAME_WIDTH);
              return (
                <text
                  key={index}
                  x={endsThere ? width - RIGHT : x(index)}
                  y={HEIGHT - 6}
                  textAnchor={endsThere ? "end" : "middle"}
                  className="tabular fill-faint text-xs"
                >
                  {points[index]?.short}
                </text>
              );
            })}
            {marks({ x, y, step, at, height: HEIGHT - BOTTOM })}
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
            onPointerDown={(event) => lookFrom(event.clientX, event.currentTarget.getBoundingClientRect().left)}
            onPointerMove={(event) => lookFrom(event.clientX, event.currentTarget.getBoundingClientRect().left)}
            onPointerLeave={() => setLooked(null)}
          />
          {at !== null && (
            <Reading left={x(at)} width={width} title={points[at]?.long}>
              {reading(at)}
            </Reading>
          )}
        </>
      )}
    </div>
  );
}

interface ReadingProps {
  left: number;
  width: number;
  title: string | undefined;
  children: ReactNode;
}

/** What stands at the point that is looked at, beside it and never beyond the edge. */
function Reading({ left, width, title, children }: ReadingProps): ReactNode {
  const onTheLeft = left > width / 2;
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute top-1 z-10 flex max-w-64 flex-col gap-1 rounded-md border border-line-strong bg-overlay px-3 py-2 text-sm"
      style={onTheLeft ? { right: width - left + 10 } : { left: left + 10 }}
    >
      <span className="text-xs text-muted">{title}</span>
      {children}
    </div>
  );
}
