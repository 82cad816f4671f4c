import type { ReactNode } from "react";
import { memo } from "react";
import { cx } from "../ui/cx.ts";
import type { Tide } from "./status-words.ts";

/** One wavelength; the drift in chat.css moves by exactly this, so that the wave has no seam. */
const WAVE = 96;
/** Wider than any screen's conversation, plus the one wave that drifts out. */
const WAVES = 42;
const path = wavePath(WAVES + 1);

function wavePath(waves: number): string {
  const half = WAVE / 2;
  let d = `M0 4 Q${half / 2} 0.6 ${half} 4 T${WAVE} 4`;
  for (let wave = 1; wave < waves; wave += 1) d += ` T${wave * WAVE + half} 4 T${(wave + 1) * WAVE} 4`;
  return d;
}

const colours: Record<Tide, { rest: string; filled: string }> = {
  still: { rest: "text-line-strong", filled: "text-edge" },
  moving: { rest: "text-accent opacity-45", filled: "text-accent" },
  waiting: { rest: "text-warning opacity-60", filled: "text-warning" },
  failed: { rest: "text-danger opacity-60", filled: "text-danger" },
};

/**
 * The waterline between conversation and composer: still, travelling, amber or red, and stronger
 * from the left as the context fills. It only repeats what the words beside it say.
 */
export const Tideline = memo(function Tideline({ tide, fill }: { tide: Tide; fill: number | null }): ReactNode {
  const look = colours[tide];
  return (
    <div
      aria-hidden
      data-tide={tide}
      className="tideline pointer-events-none absolute inset-x-0 top-0 h-2 -translate-y-1"
    >
      <Wave className={look.rest} width={1} />
      <div
        className="absolute inset-y-0 left-0 overflow-hidden transition-[width] duration-700 ease-tide"
        style={{ width: `${(fill ?? 0) * 100}%` }}
      >
        <Wave className={look.filled} width={1.75} />
      </div>
    </div>
  );
});

function Wave({ className, width }: { className: string; width: number }): ReactNode {
  return (
    <div className={cx("absolute inset-y-0 left-0 w-full overflow-hidden transition-colors duration-500", className)}>
      <svg
        width={WAVE * (WAVES + 1)}
        height="8"
        viewBox={`0 0 ${WAVE * (WAVES + 1)} 8`}
        fill="none"
        stroke="currentColor"
        className="tideline-drift block max-w-none"
      >
        <g className="tideline-wave" style={{ transformOrigin: "0 4px" }}>
          <path d={path} strokeWidth={width} vectorEffect="non-scaling-stroke" />
        </g>
      </svg>
    </div>
  );
}
