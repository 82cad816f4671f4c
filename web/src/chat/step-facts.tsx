import { Info } from "lucide-react";
import type { ReactNode } from "react";
import { exactMoment } from "../ui/moments.ts";
import { formatCount, formatMicros, formatMicrosSum, formatTokens } from "../ui/money.ts";
import { Tooltip } from "../ui/tooltip.tsx";
import { cx } from "../ui/cx.ts";
import { counted } from "../shell/names.ts";
import { useModels, type CatalogueModel } from "./pickers.tsx";
import type { Step } from "./rows.ts";
import { duration } from "./words.ts";

/** What a step was: its model, what it cost, its tokens by their price, and its time; each with its name. */
export function sayStep(step: Step, model: CatalogueModel | undefined): [name: string, value: string][] {
  const facts: [string, string | null][] = [
    ["Model", modelName(model)],
    ["Cost", costOf(step)],
    ["Input", tokensOf(step.usage?.input_tokens)],
    ["Output", tokensOf(step.usage?.output_tokens)],
    ["Cache read", tokensOf(step.usage?.cache_read_tokens)],
    ["Cache write", tokensOf(step.usage?.cache_creation_tokens)],
    ["Time", step.runtime_ms === null ? null : duration(step.runtime_ms)],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== null);
}

function costOf(step: Step): string {
  const cost = formatMicros(step.total_cost_micros);
  return step.estimated && step.total_cost_micros !== 0 ? `about ${cost}` : cost;
}

/** Null where the provider said nothing of it. */
function tokensOf(count: number | null | undefined): string | null {
  return count === null || count === undefined ? null : `${formatCount(count)} ${count === 1 ? "token" : "tokens"}`;
}

export function modelName(model: CatalogueModel | undefined): string {
  if (model === undefined) return "a model that is gone";
  return model.scripted ? `${model.display_name} (scripted demo, no AI)` : model.display_name;
}

function useModelOf(step: Step | null): CatalogueModel | undefined {
  const { models } = useModels();
  return models.find((model) => model.model_config_id === step?.model_config_id);
}

/** Appears beside a step on hover and focus; where nothing can hover it is always there, quietly, and opens with a tap. */
export function StepFacts({ step, className }: { step: Step; className?: string }): ReactNode {
  const model = useModelOf(step);
  const facts = sayStep(step, model);
  return (
    <Tooltip
      side="top"
      tap
      label={
        <span className="flex flex-col gap-1 py-0.5">
          <span className="tabular grid grid-cols-[auto_1fr] gap-x-4">
            {facts.map(([name, value]) => (
              <span key={name} className="contents">
                <span className="opacity-75">{name}</span>
                <span className="text-right">{value}</span>
              </span>
            ))}
          </span>
          {step.total_cost_micros === null && <span>There was no price for it.</span>}
          {step.estimated && <span>Estimated: the call ended before its tokens were counted.</span>}
          <span className="opacity-75">{exactMoment(Date.parse(step.created_at))}</span>
        </span>
      }
    >
      <button
        type="button"
        aria-label={`About this step: ${facts.map((fact) => fact.join(" ")).join(", ")}`}
        className={cx(
          "inline-flex size-6 items-center justify-center rounded-md text-faint opacity-0 transition-opacity duration-100",
          "group-focus-within/row:opacity-100 group-hover/row:opacity-100 hover:text-ink focus-visible:opacity-100 pointer-coarse:opacity-60",
          className,
        )}
      >
        <Info size={14} aria-hidden />
      </button>
    </Tooltip>
  );
}

/** The facts of a whole turn, as one quiet line. */
export function TurnFacts({ steps }: { steps: readonly Step[] }): ReactNode {
  const { models } = useModels();
  if (steps.length === 0) return null;
  const ids = new Set(steps.map((step) => step.model_config_id));
  const used = models.filter((model) => ids.has(model.model_config_id));
  const scripted = used.some((model) => model.scripted);
  const time = steps.reduce((sum, step) => sum + (step.runtime_ms ?? 0), 0);
  const tokens = steps.reduce((sum, step) => sum + (step.usage?.output_tokens ?? 0), 0);
  const estimated = steps.some((step) => step.estimated && step.total_cost_micros !== 0);
  return (
    <span className="tabular flex min-w-0 flex-wrap items-center gap-x-3 text-xs text-faint">
      {scripted && <span className="text-muted">Scripted demo, no AI</span>}
      {!scripted && used.length > 0 && (
        <span className="truncate">{used.map((model) => model.display_name).join(", ")}</span>
      )}
      {steps.length > 1 && <span>{counted(steps.length, "step")}</span>}
      {time > 0 && <span>{duration(time)}</span>}
      {tokens > 0 && <span title={`${formatCount(tokens)} tokens`}>{formatTokens(tokens)} tokens out</span>}
      <span>
        {estimated && "about "}
        {formatMicrosSum(steps.map((step) => step.total_cost_micros))}
      </span>
    </span>
  );
}
