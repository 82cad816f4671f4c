import { Info } from "lucide-react";
import type { ReactNode } from "react";
import { counted } from "../../shell/names.ts";
import { formatMicros } from "../../ui/money.ts";
import { Tooltip } from "../../ui/tooltip.tsx";

interface CostProps {
  micros: number;
  /** Model calls that are not in it, because there was no price for them. */
  unpriced: number;
}

/** An amount that says when it is not all: then nothing is never shown as zero. */
export function Cost({ micros, unpriced }: CostProps): ReactNode {
  if (unpriced === 0) return formatMicros(micros);
  const words = `${counted(unpriced, "model call")} could not be priced`;
  return (
    <Tooltip label={`${words}: it cost more.`}>
      <span tabIndex={0} className="inline-flex items-center gap-1 rounded-sm">
        {micros === 0 ? formatMicros(null) : formatMicros(micros)}
        <Info size={12} className="shrink-0 text-warning" aria-hidden />
        <span className="sr-only">, {words}</span>
      </span>
    </Tooltip>
  );
}
