import { queryOptions } from "@tanstack/react-query";
import { user } from "../../../src/contract/identity.ts";
import { prInsights } from "../../../src/contract/insights.ts";
import type { PrInsights } from "../../../src/contract/insights.ts";
import { get } from "./client.ts";

/** What the figures are narrowed to. A type, so that it fits where queries are taken. */
export type InsightSearch = {
  days: number;
  /** A user name. */
  owner?: string | undefined;
  organization?: string | undefined;
  repository?: string | undefined;
};

/** The figures, with the moments between which they are, in epoch milliseconds. */
export interface Insights {
  from: number;
  to: number;
  figures: PrInsights;
}

const DAY_MS = 86_400_000;

/** Of the last so many days, up to this moment; days are those of the reader's time zone. */
export function insightsQuery({ days, owner, organization, repository }: InsightSearch) {
  return queryOptions({
    queryKey: ["pull-request-insights", days, owner, organization, repository],
    async queryFn({ signal }): Promise<Insights> {
      const to = Date.now();
      const from = to - days * DAY_MS;
      const person = owner === undefined ? null : await get(`/users/${encodeURIComponent(owner)}`, user, { signal });
      const figures = await get("/chats/insights/pull-requests", prInsights, {
        signal,
        query: {
          start_date: new Date(from).toISOString(),
          end_date: new Date(to).toISOString(),
          timezone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
          owner_id: person?.id,
          organization_id: organization,
          repository,
        },
      });
      return { from, to, figures };
    },
    staleTime: 60_000,
  });
}
