import { useQueryClient } from "@tanstack/react-query";
import { UNPRICED_MODELS_KEY } from "../../api/price-queries.ts";
import { modelConfigsQuery, modelsQuery, providersQuery } from "../../api/queries.ts";

/** A provider or model changed: what can be picked, and both lists, are read anew. */
export function useRefreshModels(): () => Promise<void> {
  const queryClient = useQueryClient();
  return async function refresh() {
    await Promise.all(
      [providersQuery.queryKey, modelConfigsQuery.queryKey, modelsQuery.queryKey, UNPRICED_MODELS_KEY].map((queryKey) =>
        queryClient.invalidateQueries({ queryKey }),
      ),
    );
  };
}
