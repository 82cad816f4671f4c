import { queryOptions } from "@tanstack/react-query";
import { modelPricesResponse } from "../../../src/contract/models.ts";
import { unpricedModelsResponse } from "../../../src/contract/usage.ts";
import { get } from "./client.ts";

/** What the price book knows of a model; asked for once it has a name. */
export function modelPricesQuery(provider: string, model: string) {
  return queryOptions({
    queryKey: ["model-prices", provider, model],
    queryFn: ({ signal }) => get("/chats/model-prices", modelPricesResponse, { signal, query: { provider, model } }),
    enabled: provider !== "" && model !== "",
    staleTime: 60_000,
  });
}

export const UNPRICED_MODELS_KEY = ["unpriced-models"] as const;

/** Models with calls since then that could not be priced, and those whose calls would not be. */
export function unpricedModelsQuery(since: string) {
  return queryOptions({
    queryKey: [...UNPRICED_MODELS_KEY, since],
    queryFn: ({ signal }) =>
      get("/chats/cost/unpriced-models", unpricedModelsResponse, { signal, query: { start_date: since } }),
    staleTime: 30_000,
  });
}
