import { useQuery } from "@tanstack/react-query";
import { ChartColumn, X } from "lucide-react";
import type { ReactNode } from "react";
import type { CostSummary, TeamUsage } from "../../../../src/contract/usage.ts";
import { usageDaysQuery, usageSummaryQuery, usageTeamsQuery, type UsageQuestion } from "../../api/usage-queries.ts";
import { shownName } from "../../shell/names.ts";
import { useRights } from "../../shell/rights.ts";
import { Button } from "../../ui/button.tsx";
import { Section } from "../../ui/card.tsx";
import { Segments } from "../../ui/segments.tsx";
import { Select } from "../../ui/select.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { DailyCost } from "./daily-cost.tsx";
import type { TeamLead } from "./lead-to.ts";
import { PeopleTable } from "./people-table.tsx";
import { ModelCell } from "./person-figures.tsx";
import { UsageCards } from "./usage-cards.tsx";
import { isEmpty, UsageNotes } from "./usage-notes.tsx";
import { teamViews, type TeamUsageSearch } from "./usage-search.ts";
import { UsageShape } from "./usage-shape.tsx";
import { UsageTable } from "./usage-table.tsx";
import { usageSentence } from "./usage-words.ts";

interface TeamFiguresProps {
  search: TeamUsageSearch;
  question: UsageQuestion;
  /** Of when: "in the last 30 days". */
  when: string;
  leadTo: TeamLead;
  go: (part: TeamUsageSearch) => void;
}

/** What many people spent, by person, model, organisation and group. */
export function TeamFigures(props: TeamFiguresProps): ReactNode {
  const { search, question, when, go } = props;
  const summary = useQuery(usageSummaryQuery(question));
  return (
    <div aria-busy={summary.isPlaceholderData} className="flex min-w-0 flex-col gap-8">
      <Narrowing {...{ search, question, go }} modelName={summary.data?.by_model.at(0)?.display_name} />
      {summary.isPending && <UsageShape />}
      {summary.isError && (
        <ErrorState error={summary.error} doing="load the figures" onRetry={() => void summary.refetch()} />
      )}
      {!summary.isError &&
        summary.data !== undefined &&
        (isEmpty(summary.data) ? (
          <EmptyState icon={<ChartColumn size={24} aria-hidden />} title={`No model calls ${when}`}>
            When somebody’s chats use a model, what it cost is counted here. Another range may have some.
          </EmptyState>
        ) : (
          <Figures {...props} summary={summary.data} when={when} />
        ))}
    </div>
  );
}

const viewWords = { people: "People", models: "Models", organizations: "Organisations", groups: "Groups" } as const;

function Figures({
  search,
  question,
  when,
  leadTo,
  go,
  summary,
}: TeamFiguresProps & { summary: CostSummary }): ReactNode {
  const view = search.view ?? "people";
  return (
    <>
      <p role="status" className="max-w-measure text-lg">
        {usageSentence(summary, "Everybody together", when)}
      </p>
      <UsageCards summary={summary} />
      <UsageNotes summary={summary} />
      <Days question={question} />
      <div className="flex min-w-0 flex-col gap-4">
        <div className="overflow-x-auto">
          <Segments
            label="Figures by"
            value={view}
            options={teamViews.map((value) => ({ value, label: viewWords[value] }))}
            onChange={(chosen) => go({ view: chosen === "people" ? undefined : chosen, page: undefined })}
          />
        </div>
        {view === "people" && <PeopleTable {...{ search, question, leadTo, go }} />}
        {view === "models" && (
          <Section title="By model">
            <UsageTable
              label="By model"
              of="Model"
              rows={summary.by_model}
              keyOf={(row) => row.model_config_id}
              name={(row) => (
                <ModelCell model={row} leadTo={(part, children) => leadTo({ ...part, view: undefined }, children)} />
              )}
              total={summary}
            />
          </Section>
        )}
        {view === "organizations" && (
          <Teams
            title="By organisation"
            of="Organisation"
            question={question}
            teams="organizations"
            name={(team) =>
              leadTo({ organization: team.id, group: undefined, view: undefined }, <bdi>{shownName(team)}</bdi>)
            }
          />
        )}
        {view === "groups" && (
          <Teams
            title="By group"
            description="What the people of a group spent in its organisation. Whoever is in two groups is in both, so they do not add up."
            of="Group"
            question={question}
            teams="groups"
            name={(team) =>
              leadTo(
                { organization: team.organization_id, group: team.id, view: undefined },
                <bdi>{shownName(team)}</bdi>,
              )
            }
          />
        )}
      </div>
    </>
  );
}

function Days({ question }: { question: UsageQuestion }): ReactNode {
  const days = useQuery(usageDaysQuery(question));
  if (days.isPending) return <Skeleton className="h-72 rounded-lg" />;
  if (days.data === undefined) {
    return <ErrorState error={days.error} doing="load the days" onRetry={() => void days.refetch()} />;
  }
  return <DailyCost days={days.data.days} />;
}

interface TeamsProps {
  title: string;
  description?: string;
  of: string;
  question: UsageQuestion;
  teams: "organizations" | "groups";
  name: (team: TeamUsage) => ReactNode;
}

function Teams({ title, description, of, question, teams, name }: TeamsProps): ReactNode {
  const list = useQuery(usageTeamsQuery(teams, question));
  return (
    <Section title={title} description={description}>
      {list.isPending && <Skeleton className="h-56 rounded-lg" />}
      {list.isError && <ErrorState error={list.error} doing="load the figures" onRetry={() => void list.refetch()} />}
      {list.data !== undefined && (
        <UsageTable
          label={title}
          of={of}
          rows={list.data.teams}
          keyOf={(row) => row.id}
          name={(row) => (
            <span className="block min-w-0" title={shownName(row)}>
              {name(row)}
            </span>
          )}
          counts={[{ name: "People", value: (row) => row.user_count }]}
        />
      )}
    </Section>
  );
}

interface NarrowingProps {
  search: TeamUsageSearch;
  question: UsageQuestion;
  go: (part: TeamUsageSearch) => void;
  modelName: string | undefined;
}

/** Of which organisation, group and model. */
function Narrowing({ search, question, go, modelName }: NarrowingProps): ReactNode {
  const { organizations, read_all_usage: readsAll } = useRights();
  const readable = organizations.filter((each) => readsAll || each.read_usage);
  const { data } = useQuery(usageTeamsQuery("groups", question));
  const groups = data?.teams ?? [];
  const { organization, group, model } = search;
  // Everybody of an organisation is a group, too, and no narrower than it.
  const offersGroups = groups.some(({ id, organization_id }) => id !== organization_id) || group !== undefined;
  if (readable.length < 2 && !offersGroups && model === undefined) return null;
  return (
    <search aria-label="Narrow the figures" className="flex flex-wrap items-center gap-2">
      {readable.length > 1 && (
        <div className="w-full sm:w-56">
          <Select
            aria-label="Organisation"
            value={organization ?? "any"}
            options={[
              { value: "any", label: "Any organisation" },
              ...readable.map((each) => ({ value: each.id, label: shownName(each) })),
            ]}
            onValueChange={(chosen) =>
              go({ organization: chosen === "any" ? undefined : chosen, group: undefined, page: undefined })
            }
          />
        </div>
      )}
      {offersGroups && (
        <div className="w-full sm:w-56">
          <Select
            aria-label="Group"
            value={group ?? "any"}
            options={[
              { value: "any", label: "Any group" },
              ...groups.map((each) => ({ value: each.id, label: shownName(each) })),
              // One whose people used nothing in this range is still what was asked for.
              ...(group === undefined || groups.some(({ id }) => id === group)
                ? []
                : [{ value: group, label: "A group without usage" }]),
            ]}
            onValueChange={(chosen) => {
              const found = groups.find(({ id }) => id === chosen);
              go({
                group: found?.id,
                ...(found !== undefined && { organization: found.organization_id }),
                page: undefined,
              });
            }}
          />
        </div>
      )}
      {model !== undefined && (
        <Button onClick={() => go({ model: undefined, page: undefined })} className="max-w-full min-w-0">
          <span className="truncate">
            Only <bdi>{modelName ?? "one model"}</bdi>
          </span>
          <X size={14} aria-hidden />
          <span className="sr-only">: show all models</span>
        </Button>
      )}
    </search>
  );
}
