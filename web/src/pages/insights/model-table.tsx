import type { ReactNode } from "react";
import type { PrInsights } from "../../../../src/contract/insights.ts";
import { CostAmount } from "../../usage/cost-amount.tsx";
import { cell, FiguresTable, numberCell, RateBar } from "./figures-table.tsx";

/** What became of the pull requests of each model: that of the newest chat, where there are several. */
export function ModelTable({ models }: { models: PrInsights["by_model"] }): ReactNode {
  return (
    <FiguresTable
      label="By model"
      columns={[
        { name: "Model" },
        { name: "Merged", width: "w-16 sm:w-28", number: true },
        { name: "Merge rate", width: "w-14 sm:w-44" },
        { name: "Cost / merge", width: "w-18 sm:w-32", number: true },
      ]}
    >
      {models.map((model) => (
        <tr key={model.model_config_id}>
          <th scope="row" className={`${cell} font-normal`}>
            <span className="block truncate" title={model.display_name}>
              <bdi>{model.display_name}</bdi>
            </span>
          </th>
          <td className={numberCell}>
            {model.merged_prs}
            <span className="hidden text-muted sm:inline"> of {model.total_prs}</span>
          </td>
          <td className={cell}>
            <RateBar rate={model.merge_rate} />
          </td>
          <td className={numberCell}>
            {model.merged_prs === 0 ? (
              <span className="text-muted">
                –<span className="sr-only"> nothing merged</span>
              </span>
            ) : (
              <CostAmount micros={model.cost_per_merged_pr_micros} unpriced={model.merged_unpriced_call_count} />
            )}
          </td>
        </tr>
      ))}
    </FiguresTable>
  );
}
