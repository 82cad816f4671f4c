import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import {
  accountLink,
  apiToken,
  assignableSiteRole,
  openAccountLink,
  usersResponse,
} from "../../../src/contract/identity.ts";
import type { SiteRole, UserStatus } from "../../../src/contract/identity.ts";
import { get, getPage, post } from "./client.ts";

/** How many accounts a page of the list has. */
const USERS_PAGE = 50;
const INVITES_PAGE = 50;
/** More than anybody keeps in their head; who has more of them sees the newest. */
const TOKENS_SHOWN = 200;

/** What the list of accounts is narrowed to; what is absent is not asked. */
export interface UserSearch {
  q?: string | undefined;
  status?: UserStatus | undefined;
  role?: SiteRole | undefined;
  service_account?: boolean | undefined;
}

/** All lists of accounts begin with it. */
export const USERS_KEY = ["users"] as const;

export function usersQuery(search: UserSearch) {
  return infiniteQueryOptions({
    queryKey: [...USERS_KEY, search],
    queryFn: ({ signal, pageParam }) =>
      get("/users", usersResponse, { signal, query: { ...search, limit: USERS_PAGE, after_id: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => (page.users.length < USERS_PAGE ? undefined : page.users.at(-1)?.id),
    staleTime: 10_000,
  });
}

/** The roles of the deployment, and which of them the person may give. */
export const siteRolesQuery = queryOptions({
  queryKey: ["site-roles"],
  queryFn: ({ signal }) => get("/users/roles", z.array(assignableSiteRole), { signal }),
  staleTime: 5 * 60_000,
});

export const invitesQuery = infiniteQueryOptions({
  queryKey: ["invites"],
  queryFn: ({ signal, pageParam }) =>
    getPage("/invites", z.array(accountLink), { signal, query: { limit: INVITES_PAGE, after_id: pageParam } }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => (page.hasMore ? page.items.at(-1)?.id : undefined),
});

/** `user` is an id, or "me". */
export function tokensQuery(user: string) {
  return queryOptions({
    queryKey: ["user-tokens", user],
    queryFn: ({ signal }) =>
      get(`/users/${user}/keys/tokens`, z.array(apiToken), { signal, query: { limit: TOKENS_SHOWN } }),
  });
}

/** All that is read of links that work once begins with it. */
export const ACCOUNT_LINK_KEY = "account-link";

/** What a link is for. Looked at once: using it up is no reason to look again. */
export function accountLinkQuery(token: string) {
  return queryOptions({
    queryKey: [ACCOUNT_LINK_KEY, token],
    queryFn: () => post("/account-links/inspect", { token }, openAccountLink, { anonymous: true }),
    staleTime: Infinity,
    gcTime: 0,
  });
}
