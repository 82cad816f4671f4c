import type { ReactNode } from "react";
import type { PrInsights } from "../../../../src/contract/insights.ts";
import { counted } from "../../shell/names.ts";
import { Card, Section } from "../../ui/card.tsx";
import { CostAmount } from "../../usage/cost-amount.tsx";
import { cell, FiguresTable, numberCell, RateBar } from "./figures-table.tsx";
import { Title } from "./recent-table.tsx";
import { durationWords, percent } from "./trends.ts";

interface DetailsProps {
  figures: PrInsights;
  /** Narrows the page to one repository. */
  onRepository: (repository: string) => void;
}

/** What the three figures are made of, for whoever asks. */
export function Details({ figures, onRepository }: DetailsProps): ReactNode {
  const { summary, by_repository, recent_prs } = figures;
  const hosts = new Set(by_repository.map(({ repository }) => repository.split("/")[0]));
  // Where all are on one host, it says nothing.
  const shown = (repository: string) => (hosts.size === 1 ? repository.split("/").slice(1).join("/") : repository);
  return (
    <>
      <Section title="In more detail">
        <Card className="px-5 py-2">
          <dl className="divide-y divide-line">
            <Fact name="Approved" note="of the pull requests whose reviews are known">
              {summary.reviewed_count === 0
                ? "not known"
                : `${percent(summary.approval_rate)}% of ${summary.reviewed_count}`}
            </Fact>
            <Fact name="Time to merge" note="the one in the middle, from opening to merge">
              {summary.median_time_to_merge_ms === undefined
                ? "not known"
                : durationWords(summary.median_time_to_merge_ms)}
            </Fact>
            <Fact name="Closed without a merge">{summary.total_prs_closed}</Fact>
            <Fact name="Lines">
              {counted(summary.total_additions, "line")} added, {counted(summary.total_deletions, "line")} removed
            </Fact>
            <Fact name="Cost in all" note="of all pull requests, merged or not">
              <CostAmount micros={summary.total_cost_micros} unpriced={summary.unpriced_call_count} />
            </Fact>
            <Fact name="of it, chats" note="that refer to a pull request, those that review it among them">
              <CostAmount
                micros={summary.chats_cost_micros}
                unpriced={summary.unpriced_call_count - summary.sub_agents_unpriced_call_count}
              />
            </Fact>
            <Fact name="of it, sub-agents" note="of those chats, without a pull request of their own">
              <CostAmount micros={summary.sub_agents_cost_micros} unpriced={summary.sub_agents_unpriced_call_count} />
            </Fact>
          </dl>
        </Card>
      </Section>
      <Section title="By repository">
        <FiguresTable
          label="By repository"
          columns={[
            { name: "Repository" },
            { name: "Merged", width: "w-16 sm:w-28", number: true },
            { name: "Merge rate", width: "w-14 sm:w-40" },
            { name: "Time to merge", width: "hidden sm:table-cell sm:w-32", number: true },
            { name: "Cost / merge", width: "w-18 sm:w-32", number: true },
          ]}
        >
          {by_repository.map((row) => (
            <tr key={row.repository}>
              <th scope="row" className={`${cell} font-normal`}>
                <button
                  type="button"
                  title={row.repository}
                  onClick={() => onRepository(row.repository)}
                  className="block max-w-full truncate rounded-sm hover:text-accent hover:underline"
                >
                  <bdi>{row.repository === "" ? "Not known" : shown(row.repository)}</bdi>
                </button>
              </th>
              <td className={numberCell}>
                {row.merged_prs}
                <span className="hidden text-muted sm:inline"> of {row.total_prs}</span>
              </td>
              <td className={cell}>
                <RateBar rate={row.merge_rate} />
              </td>
              <td className={`${numberCell} hidden sm:table-cell`}>
                {row.median_time_to_merge_ms === undefined ? "–" : durationWords(row.median_time_to_merge_ms)}
              </td>
              <td className={numberCell}>
                {row.merged_prs === 0 ? (
                  "–"
                ) : (
                  <CostAmount micros={row.cost_per_merged_pr_micros} unpriced={row.merged_unpriced_call_count} />
                )}
              </td>
            </tr>
          ))}
        </FiguresTable>
      </Section>
      <Section title="What each cost" description="Of the newest pull requests, by who spent it.">
        <FiguresTable
          label="What each cost"
          columns={[
            { name: "Title" },
            { name: "Chats", width: "w-18 sm:w-28", number: true },
            { name: "Sub-agents", width: "w-20 sm:w-28", number: true },
            { name: "Time to merge", width: "hidden sm:table-cell sm:w-32", number: true },
          ]}
        >
          {recent_prs.map((each) => (
            <tr key={each.chat_id}>
              <th scope="row" className={`${cell} font-normal`}>
                <Title of={each} />
              </th>
              <td className={numberCell}>
                <CostAmount
                  micros={each.chats_cost_micros}
                  unpriced={each.unpriced_call_count - each.sub_agents_unpriced_call_count}
                />
                {each.chat_count > 1 && (
                  <span className="block text-xs text-muted">{counted(each.chat_count, "chat")}</span>
                )}
              </td>
              <td className={numberCell}>
                <CostAmount micros={each.sub_agents_cost_micros} unpriced={each.sub_agents_unpriced_call_count} />
              </td>
              <td className={`${numberCell} hidden sm:table-cell`}>
                {each.time_to_merge_ms === undefined ? "–" : durationWords(each.time_to_merge_ms)}
              </td>
            </tr>
          ))}
        </FiguresTable>
      </Section>
    </>
  );
}

function Fact({ name, note, children }: { name: string; note?: string; children: ReactNode }): ReactNode {
  return (
    <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-0.5 py-2.5">
      <dt>
        {name}
        {note !== undefined && <span className="text-sm text-muted"> {note}</span>}
      </dt>
      <dd className="tabular font-medium">{children}</dd>
    </div>
  );
}
