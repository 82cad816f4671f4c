import { Info } from "lucide-react";
import type { ReactNode } from "react";
import { exactMoment } from "../ui/moments.ts";
import { Tooltip } from "../ui/tooltip.tsx";
import { cx } from "../ui/cx.ts";
import { useModels, type CatalogueModel } from "./pickers.tsx";
import type { Step } from "./rows.ts";
import { count, duration, money, moneySum, plural } from "./words.ts";

/** What a step was: model, tokens, cost and time, in words. */
export function sayStep(step: Step, model: CatalogueModel | undefined): string[] {
  const facts = [modelName(model)];
  const usage = step.usage;
  if (usage !== null) {
    const input = (usage.input_tokens ?? 0) + (usage.cache_read_tokens ?? 0) + (usage.cache_creation_tokens ?? 0);
    if (usage.input_tokens !== null) facts.push(`${count(input)} tokens in`);
    if (usage.cache_read_tokens !== null && usage.cache_read_tokens > 0)
      facts.push(`${count(usage.cache_read_tokens)} of them cached`);
    if (usage.output_tokens !== null) facts.push(`${count(usage.output_tokens)} tokens out`);
    if (usage.web_search_requests !== null && usage.web_search_requests > 0)
      facts.push(plural(usage.web_search_requests, "web search", "web searches"));
  }
  facts.push(
    step.estimated && step.total_cost_micros !== 0
      ? `about ${money(step.total_cost_micros)}`
      : money(step.total_cost_micros),
  );
  if (step.runtime_ms !== null) facts.push(duration(step.runtime_ms));
  return facts;
}

export function modelName(model: CatalogueModel | undefined): string {
  if (model === undefined) return "a model that is gone";
  return model.scripted ? `${model.display_name} (scripted demo, no AI)` : model.display_name;
}

function useModelOf(step: Step | null): CatalogueModel | undefined {
  const { models } = useModels();
  return models.find((model) => model.model_config_id === step?.model_config_id);
}

/** Appears beside a step on hover and focus; where nothing can hover it is always there, quietly. */
export function StepFacts({ step, className }: { step: Step; className?: string }): ReactNode {
  const model = useModelOf(step);
  const facts = sayStep(step, model);
  return (
    <Tooltip
      side="top"
      label={
        <span className="flex flex-col py-0.5">
          {facts.map((fact) => (
            <span key={fact} className="tabular">
              {fact}
            </span>
          ))}
          <span className="opacity-75">{exactMoment(Date.parse(step.created_at))}</span>
        </span>
      }
    >
      <button
        type="button"
        aria-label={`About this step: ${facts.join(", ")}`}
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
      {steps.length > 1 && <span>{plural(steps.length, "step", "steps")}</span>}
      {time > 0 && <span>{duration(time)}</span>}
      {tokens > 0 && <span>{count(tokens)} tokens out</span>}
      <span>
        {estimated && "about "}
        {moneySum(steps.map((step) => step.total_cost_micros))}
      </span>
    </span>
  );
}
