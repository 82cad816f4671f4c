import { Info } from "lucide-react";
import type { ReactNode } from "react";
import { counted } from "../shell/names.ts";
import { formatMicros } from "../ui/money.ts";
import { Tooltip } from "../ui/tooltip.tsx";

interface CostAmountProps {
  micros: number;
  /** Model calls that are not in it, because there was no price for them. */
  unpriced: number;
  /** What of it was estimated. */
  estimated?: number;
}

/** A sum that says when it is not all, or not exact: nothing that has no price is ever shown as zero. */
export function CostAmount({ micros, unpriced, estimated = 0 }: CostAmountProps): ReactNode {
  const shown = costWords({ micros, unpriced, estimated });
  if (unpriced === 0 && estimated === 0) return shown;
  const why = [
    unpriced > 0 && `${counted(unpriced, "model call")} could not be priced: it cost more`,
    estimated > 0 && `${formatMicros(estimated)} of it is estimated, from calls that were cut off`,
  ]
    .filter((part) => part !== false)
    .join(". ");
  return (
    <Tooltip tap label={`${why}.`}>
      <button type="button" className="inline-flex cursor-default items-center gap-1 rounded-sm align-bottom">
        {unpriced > 0 && <Info size={12} className="shrink-0 text-warning" aria-hidden />}
        {shown}
        <span className="sr-only">. {why}.</span>
      </button>
    </Tooltip>
  );
}

/** "about $1.20", "not priced": a sum of which nothing has a price is none. */
export function costWords({ micros, unpriced, estimated = 0 }: CostAmountProps): string {
  if (micros === 0 && unpriced > 0) return formatMicros(null);
  return estimated > 0 ? `about ${formatMicros(micros)}` : formatMicros(micros);
}
