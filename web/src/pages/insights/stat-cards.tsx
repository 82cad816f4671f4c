import { TrendingDown, TrendingUp } from "lucide-react";
import type { ReactNode } from "react";
import type { PrInsights } from "../../../../src/contract/insights.ts";
import { counted } from "../../shell/names.ts";
import { Card } from "../../ui/card.tsx";
import { cx } from "../../ui/cx.ts";
import { CostAmount } from "../../usage/cost-amount.tsx";
import { costTrend, mergeRateTrend, mergedTrend, percent, type Trend } from "./trends.ts";

interface StatCardsProps {
  summary: PrInsights["summary"];
  days: number;
}

/** The three figures that matter, each against the time before. */
export function StatCards({ summary, days }: StatCardsProps): ReactNode {
  const { total_prs_created: created, total_prs_merged: merged } = summary;
  return (
    <dl className="grid gap-3 sm:grid-cols-3">
      <Stat name="Merged" value={String(merged)} trend={mergedTrend(summary, days)}>
        of {counted(created, "pull request")}
      </Stat>
      <Stat
        name="Merge rate"
        value={created === 0 ? "–" : `${percent(summary.merge_rate)}%`}
        trend={mergeRateTrend(summary, days)}
      >
        {created === 0 ? "nothing to merge yet" : "merged of all"}
      </Stat>
      <Stat
        name="Cost / merge"
        value={
          merged === 0 ? (
            "–"
          ) : (
            <CostAmount micros={summary.cost_per_merged_pr_micros} unpriced={summary.merged_unpriced_call_count} />
          )
        }
        trend={costTrend(summary, days)}
      >
        {merged === 0 ? "nothing merged yet" : "on average"}
      </Stat>
    </dl>
  );
}

interface StatProps {
  name: string;
  value: ReactNode;
  trend: Trend | null;
  children: ReactNode;
}

function Stat({ name, value, trend, children }: StatProps): ReactNode {
  return (
    <Card className="flex min-w-0 flex-col gap-1 px-5 py-4">
      <dt className="text-sm text-muted">{name}</dt>
      <dd className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="tabular text-2xl font-semibold tracking-[-0.02em]">{value}</span>
        {trend !== null && <TrendBadge trend={trend} />}
        <span className="basis-full text-sm text-muted">{children}</span>
      </dd>
    </Card>
  );
}

const tones = {
  better: "bg-success-soft text-success",
  worse: "bg-danger-soft text-danger",
  neither: "bg-raised text-muted",
} as const;

function TrendBadge({ trend }: { trend: Trend }): ReactNode {
  const Icon = trend.short.startsWith("+") ? TrendingUp : TrendingDown;
  return (
    <span
      title={trend.words}
      className={cx("inline-flex h-6 items-center gap-1 rounded-sm px-1.5 text-sm font-medium", tones[trend.meaning])}
    >
      {trend.meaning !== "neither" && <Icon size={14} aria-hidden />}
      <span aria-hidden className="tabular">
        {trend.short}
      </span>
      <span className="sr-only">
        {trend.words}, which is {trend.meaning === "neither" ? "no change" : trend.meaning}
      </span>
    </span>
  );
}
