import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useState } from "react";
import type { ModelConfig, Provider } from "../../../../src/contract/models.ts";
import type { UnpricedModel } from "../../../../src/contract/usage.ts";
import { unpricedModelsQuery } from "../../api/price-queries.ts";
import { Button } from "../../ui/button.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { ErrorState } from "../../ui/states.tsx";
import { ModelDialog } from "./model-dialog.tsx";
import { unpricedWords } from "./model-words.ts";
import { PastUsageDialog } from "./past-usage-dialog.tsx";

interface UnpricedModelsProps {
  models: readonly ModelConfig[];
  providers: readonly Provider[];
}

/** Models in use whose calls have no cost, with the way to give them one. Nothing where every call has its price. */
export function UnpricedModels({ models, providers }: UnpricedModelsProps): ReactNode {
  const [since] = useState(aYearAgo);
  const unpriced = useQuery(unpricedModelsQuery(since));
  if (unpriced.isError && unpriced.data === undefined) {
    return <ErrorState error={unpriced.error} doing="see what has no price" onRetry={() => void unpriced.refetch()} />;
  }
  const found = unpriced.data?.models ?? [];
  if (found.length === 0) return null;
  return (
    <section aria-labelledby="not-priced" className="mt-6 flex flex-col gap-3">
      <div>
        <h2 id="not-priced" className="text-lg font-semibold">
          Not priced
        </h2>
        <p className="text-muted">
          Calls of the last year without a cost. Figures leave them out and say so, until these models have prices.
        </p>
      </div>
      <ul className="divide-y divide-line rounded-lg border border-line bg-overlay">
        {found.map((model) => (
          <UnpricedRow
            key={model.model_config_id}
            model={model}
            config={models.find(({ id }) => id === model.model_config_id)}
            providers={providers}
            since={since}
          />
        ))}
      </ul>
    </section>
  );
}

interface UnpricedRowProps {
  model: UnpricedModel;
  config: ModelConfig | undefined;
  providers: readonly Provider[];
  since: string;
}

function UnpricedRow({ model, config, providers, since }: UnpricedRowProps): ReactNode {
  const [asking, setAsking] = useState<"prices" | "past" | null>(null);
  const { unpriced_call_count: calls, last_used_at: lastUsed } = model;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3 pr-3 pl-4" data-testid="unpriced-model">
      <div className="min-w-0 flex-1 basis-48">
        <h3 className="truncate font-semibold">
          <bdi>{model.display_name}</bdi>
        </h3>
        <p className="tabular text-sm text-muted">
          {unpricedWords(calls, config?.model_config.cost)}
          {lastUsed !== null && (
            <>
              {" · last used "}
              <RelativeTime at={lastUsed} />
            </>
          )}
        </p>
      </div>
      {!model.editable && (
        <p className="text-sm text-faint">
          {model.has_prices ? "Its prices can't be changed here." : "It is gone, and has no prices."}
        </p>
      )}
      <div className="flex gap-2">
        {model.editable && config !== undefined && (
          <Button onClick={() => setAsking("prices")}>{model.has_prices ? "Change prices" : "Add prices"}</Button>
        )}
        {model.has_prices && calls > 0 && (
          <Button variant="primary" onClick={() => setAsking("past")}>
            Price past usage…
          </Button>
        )}
      </div>
      {asking === "prices" && config !== undefined && (
        <ModelDialog model={config} providers={providers} onClose={() => setAsking(null)} />
      )}
      {asking === "past" && <PastUsageDialog model={model} start={since} onClose={() => setAsking(null)} />}
    </li>
  );
}

/** From a midnight on, so that it is one question all day. */
function aYearAgo(): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear() - 1, now.getUTCMonth(), now.getUTCDate())).toISOString();
}
