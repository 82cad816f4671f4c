import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import {
  costCallsResponse,
  costDailyResponse,
  costSummary,
  costTeamsResponse,
  costUsersResponse,
} from "../../../src/contract/usage.ts";
import { get } from "./client.ts";

/** Whose calls, of which model and chat. A type, so that it fits where queries are taken. */
export type UsageQuestion = {
  /** An id, or "me"; undefined = everybody that the reader may read. */
  user?: string | undefined;
  organization?: string | undefined;
  group?: string | undefined;
  model?: string | undefined;
  /** With its sub-agents. */
  chat?: string | undefined;
  /** Epoch milliseconds; `to` is excluded. */
  from: number;
  to: number;
};

type Query = Record<string, string | number | undefined>;

/** How many calls a page of the ledger has, and how many people theirs. */
const CALLS = 50;
export const PEOPLE = 25;

/** Figures are asked for again when a page is opened, and not with every click on it. */
const FRESH_MS = 30_000;
const common = { staleTime: FRESH_MS, placeholderData: keepPreviousData } as const;

export function usageSummaryQuery(question: UsageQuestion) {
  return queryOptions({
    ...common,
    queryKey: ["usage", "summary", question],
    queryFn: ({ signal }) => get(`${pathOf(question)}/summary`, costSummary, { signal, query: queryOf(question) }),
  });
}

/** Days as the reader's clocks have them. */
export function usageDaysQuery(question: UsageQuestion) {
  return queryOptions({
    ...common,
    queryKey: ["usage", "days", question],
    queryFn: ({ signal }) =>
      get(`${pathOf(question)}/daily`, costDailyResponse, {
        signal,
        query: { ...queryOf(question), timezone: readersZone() },
      }),
  });
}

/** Of one person: the rows that their figures are made of. */
export function usageCallsQuery(question: UsageQuestion & { user: string }) {
  return infiniteQueryOptions({
    queryKey: ["usage", "calls", question],
    queryFn: ({ signal, pageParam }) =>
      get(`${pathOf(question)}/calls`, costCallsResponse, {
        signal,
        query: { ...queryOf(question), limit: CALLS, cursor: pageParam },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: FRESH_MS,
  });
}

/** `page` counts from 1. */
export function usagePeopleQuery(question: UsageQuestion, words: string, page: number) {
  return queryOptions({
    ...common,
    queryKey: ["usage", "people", question, words, page],
    queryFn: ({ signal }) =>
      get("/chats/cost/users", costUsersResponse, {
        signal,
        query: { ...queryOf(question), username: words, limit: PEOPLE, offset: (page - 1) * PEOPLE },
      }),
  });
}

export function usageTeamsQuery(teams: "organizations" | "groups", question: UsageQuestion) {
  const { start_date, end_date, organization_id } = queryOf(question);
  return queryOptions({
    ...common,
    queryKey: ["usage", teams, start_date, end_date, organization_id],
    queryFn: ({ signal }) =>
      get(`/chats/cost/${teams}`, costTeamsResponse, {
        signal,
        query: { start_date, end_date, ...(teams === "groups" && { organization_id }) },
      }),
  });
}

/** What a file has in its lines. */
export type UsageFile = "model" | "chat" | "day" | "call" | "person" | "organization" | "group";

/** Where the figures are as a file. */
export function usageFile(question: UsageQuestion, file: UsageFile): string {
  const paths = {
    model: "summary",
    chat: "summary",
    day: "daily",
    call: "calls",
    person: "users",
    organization: "organizations",
    group: "groups",
  } as const;
  const query = new URLSearchParams({ format: "csv" });
  for (const [name, value] of Object.entries(queryOf(question))) {
    if (value !== undefined) query.set(name, String(value));
  }
  if (file === "model" || file === "chat") query.set("breakdown", file);
  if (file === "day") query.set("timezone", readersZone());
  return `/api/v2${pathOf(question)}/${paths[file]}?${query}`;
}

export function readersZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function pathOf({ user }: UsageQuestion): string {
  return user === undefined ? "/chats/cost" : `/chats/cost/${encodeURIComponent(user)}`;
}

function queryOf({ user, organization, group, model, chat, from, to }: UsageQuestion): Query {
  return {
    start_date: new Date(from).toISOString(),
    end_date: new Date(to).toISOString(),
    organization_id: organization,
    // Of one person the organisation of the group is said, which is all that a group adds.
    group_id: user === undefined ? group : undefined,
    model_config_id: model,
    root_chat_id: user === undefined ? undefined : chat,
  };
}
