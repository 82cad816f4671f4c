import { useQuery } from "@tanstack/react-query";
import { Tags } from "lucide-react";
import type { ReactNode } from "react";
import type { ModelPrices } from "../../../../src/contract/models.ts";
import { modelPricesQuery } from "../../api/price-queries.ts";
import { Button } from "../../ui/button.tsx";
import { useDebounced } from "../../ui/debounced.ts";
import { samePrices, type PriceFields } from "./model-form.ts";
import { dayWords, tokenCount } from "./model-words.ts";

interface ListPricesProps {
  provider: string;
  model: string;
  typed: PriceFields;
  onUse: (prices: ModelPrices) => void;
}

/** Offers what the provider publishes, where the price book knows the model; says nothing where it does not. */
export function ListPrices({ provider, model, typed, onUse }: ListPricesProps): ReactNode {
  const name = useDebounced(model.trim());
  const { data } = useQuery(modelPricesQuery(provider, name));
  const suggestion = data?.suggestion ?? null;
  if (suggestion === null || name !== model.trim()) return null;
  const { prices, as_of: day, dearer_above_tokens: limit } = suggestion;
  return (
    <div className="flex flex-col items-start gap-2" role="status">
      {samePrices(typed, prices) ? (
        <p className="text-sm text-muted">These are the list prices of {dayWords(day)}.</p>
      ) : (
        <Button onClick={() => onUse(prices)}>
          <Tags size={16} aria-hidden />
          Use list prices of {dayWords(day)}
        </Button>
      )}
      {limit !== null && (
        <p className="text-sm text-faint">
          For prompts of up to {tokenCount(limit)} tokens. The provider asks more for longer ones, which costs here
          don't show.
        </p>
      )}
    </div>
  );
}
