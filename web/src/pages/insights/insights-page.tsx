import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { GitPullRequest, Lock } from "lucide-react";
import type { ReactNode } from "react";
import { insightsQuery, type Insights } from "../../api/insight-queries.ts";
import { rightsQuery } from "../../api/queries.ts";
import { counted } from "../../shell/names.ts";
import { SettingsPage } from "../../shell/settings-page.tsx";
import { Button } from "../../ui/button.tsx";
import { Section } from "../../ui/card.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Segments } from "../../ui/segments.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { Activity } from "./activity.tsx";
import { chartDays } from "./chart-days.ts";
import { Details } from "./details.tsx";
import { DEFAULT_RANGE, ranges, type InsightsSearch } from "./insights-search.ts";
import { ModelTable } from "./model-table.tsx";
import { Narrowed, NarrowingFields } from "./narrowing.tsx";
import { RecentTable } from "./recent-table.tsx";
import { StatCards } from "./stat-cards.tsx";
import { headline } from "./trends.ts";

/** Pull requests that came out of chats: how many were merged, and what they cost. */
export function InsightsPage(): ReactNode {
  const rights = useQuery(rightsQuery);
  const search = useSearch({ from: "/app/agents/settings/insights" });
  const navigate = useNavigate({ from: "/agents/settings/insights" });
  const go = (part: InsightsSearch) => void navigate({ search: (before) => ({ ...before, ...part }), replace: true });
  const days = search.days ?? DEFAULT_RANGE;

  function content(): ReactNode {
    if (rights.isPending) return <Shape />;
    if (rights.data === undefined) {
      return <ErrorState error={rights.error} doing="load your rights" onRetry={() => void rights.refetch()} />;
    }
    if (!rights.data.read_deployment) return <NotForYou />;
    return <Figures search={search} days={days} go={go} />;
  }

  return (
    <SettingsPage
      title="Insights"
      lead="Pull requests that came out of chats: how many were merged, and what they cost."
      wide
      actions={
        rights.data?.read_deployment === true && (
          <Segments
            label="Range"
            value={String(days)}
            options={ranges.map((each) => ({ value: String(each), label: `${each} days` }))}
            onChange={(chosen) => {
              const range = ranges.find((each) => String(each) === chosen);
              go({ days: range === DEFAULT_RANGE ? undefined : range });
            }}
          />
        )
      }
    >
      {content()}
    </SettingsPage>
  );
}

interface FiguresProps {
  search: InsightsSearch;
  days: number;
  go: (part: InsightsSearch) => void;
}

function Figures({ search, days, go }: FiguresProps): ReactNode {
  const { owner, organization, repository, view } = search;
  const insights = useQuery({
    ...insightsQuery({ days, owner, organization, repository }),
    // The page stays while another range is on its way.
    placeholderData: (before) => before,
  });
  const shownData = insights.isError ? undefined : insights.data;
  return (
    <div aria-busy={insights.isPlaceholderData} className="flex flex-col gap-8">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
        <Segments
          label="Part of the page"
          value={view ?? "overview"}
          options={[
            { value: "overview", label: "Overview" },
            { value: "details", label: "Details" },
          ]}
          onChange={(chosen) => go({ view: chosen === "details" ? "details" : undefined })}
        />
        <Narrowed chosen={search} onChange={go} />
      </div>
      {view === "details" && <NarrowingFields chosen={search} onChange={go} />}
      {insights.isPending && <Shape />}
      {insights.isError && (
        <ErrorState error={insights.error} doing="load the figures" onRetry={() => void insights.refetch()} />
      )}
      {shownData !== undefined && (
        <Shown
          insights={shownData}
          days={days}
          isDetailed={view === "details"}
          isNarrowed={[owner, organization, repository].some((part) => part !== undefined)}
          go={go}
        />
      )}
    </div>
  );
}

interface ShownProps {
  insights: Insights;
  days: number;
  isDetailed: boolean;
  isNarrowed: boolean;
  go: (part: InsightsSearch) => void;
}

function Shown({ insights: { figures, from, to }, days, isDetailed, isNarrowed, go }: ShownProps): ReactNode {
  const { summary, time_series, by_model, recent_prs } = figures;
  if (summary.total_prs_created === 0) return <Nothing days={days} isNarrowed={isNarrowed} go={go} />;
  const unpriced = summary.unpriced_call_count;
  const note = unpriced > 0 && (
    <Notice tone="warning">
      {counted(unpriced, "model call")} could not be priced, so the real costs are higher than shown.
    </Notice>
  );
  if (isDetailed) {
    return (
      <>
        {note}
        <Details figures={figures} onRepository={(repository) => go({ repository })} />
      </>
    );
  }
  return (
    <>
      <p role="status" className="text-lg">
        {headline(summary, days)}
      </p>
      <StatCards summary={summary} days={days} />
      {note}
      <Activity days={chartDays(time_series, from, to)} />
      <Section title="By model">
        <ModelTable models={by_model} />
      </Section>
      <Section
        title="Recent"
        description={
          summary.total_prs_created > recent_prs.length
            ? `The newest ${recent_prs.length} of ${summary.total_prs_created}.`
            : undefined
        }
      >
        <RecentTable pullRequests={recent_prs} />
      </Section>
    </>
  );
}

function Nothing({ days, isNarrowed, go }: Pick<ShownProps, "days" | "isNarrowed" | "go">): ReactNode {
  const longest = ranges.at(-1) ?? DEFAULT_RANGE;
  return (
    <EmptyState
      icon={<GitPullRequest size={24} aria-hidden />}
      title={`No pull requests in the last ${days} days`}
      action={
        isNarrowed ? (
          <Button onClick={() => go({ owner: undefined, organization: undefined, repository: undefined })}>
            Show all pull requests
          </Button>
        ) : (
          days < longest && <Button onClick={() => go({ days: longest })}>Show {longest} days</Button>
        )
      }
    >
      When the branch that a chat works on gets a pull request, it is counted here, with what its chats cost and what
      became of it.
    </EmptyState>
  );
}

function Shape(): ReactNode {
  return (
    <div aria-busy role="status" aria-label="Loading the figures" className="flex flex-col gap-8">
      <Skeleton className="h-6 w-96 max-w-full" />
      <div className="grid gap-3 sm:grid-cols-3">
        <Skeleton className="h-28 rounded-lg" />
        <Skeleton className="h-28 rounded-lg" />
        <Skeleton className="h-28 rounded-lg" />
      </div>
      <Skeleton className="h-72 rounded-lg" />
      <Skeleton className="h-56 rounded-lg" />
    </div>
  );
}

function NotForYou(): ReactNode {
  return (
    <EmptyState
      icon={<Lock size={24} aria-hidden />}
      title="Insights are for those who look after this deployment"
      action={
        <Button asChild>
          <Link to="/settings/account">Go to your account</Link>
        </Button>
      }
    >
      Owners and auditors read them, since they are about everybody’s chats.
    </EmptyState>
  );
}
