import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { ModelCatalogue } from "../../../../src/contract/models.ts";
import { send } from "../../api/client.ts";
import { modelsQuery, thresholdsQuery } from "../../api/queries.ts";
import { Section } from "../../ui/card.tsx";
import { Select } from "../../ui/select.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { failed } from "../../ui/toaster.tsx";
import { MODELS_OWN, thresholdOptions } from "./threshold-words.ts";

type Model = ModelCatalogue["providers"][number]["models"][number];

/** When one's own long chats are summarised, model by model. */
export function Thresholds(): ReactNode {
  const models = useQuery(modelsQuery);
  const thresholds = useQuery(thresholdsQuery);
  const listed = models.data?.providers.flatMap((provider) => provider.models);
  return (
    <Section
      title="Long chats"
      description="When the context of a chat fills up to here, what was said so far is summarised to make room. Lower costs less with each step; higher keeps more word for word. This counts for your own chats."
    >
      {listed !== undefined && thresholds.data !== undefined ? (
        listed.length === 0 ? (
          <p className="text-muted">There is no model yet.</p>
        ) : (
          <ul className="max-w-2xl divide-y divide-line rounded-lg border border-line bg-overlay">
            {listed.map((model) => (
              <ThresholdRow
                key={model.model_config_id}
                model={model}
                own={
                  thresholds.data.thresholds.find((each) => each.model_config_id === model.model_config_id)
                    ?.threshold_percent ?? null
                }
              />
            ))}
          </ul>
        )
      ) : models.isError || thresholds.isError ? (
        <ErrorState
          error={models.error ?? thresholds.error}
          doing="load your thresholds"
          onRetry={() => void Promise.all([models.refetch(), thresholds.refetch()])}
        />
      ) : (
        <Skeleton className="h-24 max-w-2xl rounded-lg" />
      )}
    </Section>
  );
}

function ThresholdRow({ model, own }: { model: Model; own: number | null }): ReactNode {
  const queryClient = useQueryClient();
  const { queryKey } = thresholdsQuery;
  const path = `/chats/config/user-compaction-thresholds/${model.model_config_id}`;
  const change = useMutation({
    mutationFn: (percent: number | null) =>
      percent === null ? send("DELETE", path) : send("PUT", path, { threshold_percent: percent }),
    onError: (error) => failed(`change ${model.display_name}`, error),
    onSettled: () => queryClient.invalidateQueries({ queryKey }),
  });
  // What was picked stands there while it is on its way, and goes back if it is refused.
  const shown = change.isPending ? change.variables : own;
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-4 py-3">
      <p className="min-w-40 flex-1 truncate font-medium">{model.display_name}</p>
      <div className="w-56 max-sm:w-full">
        <Select
          aria-label={`Summarise chats with ${model.display_name}`}
          value={shown === null ? MODELS_OWN : String(shown)}
          options={thresholdOptions(model.compression_threshold, shown)}
          onValueChange={(value) => change.mutate(value === MODELS_OWN ? null : Number(value))}
        />
      </div>
    </li>
  );
}
