import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import {
  assignableOrganizationRole,
  group,
  organization,
  organizationMembersResponse,
  workspaceSharingSettings,
} from "../../../src/contract/organizations.ts";
import { get, getPage } from "./client.ts";

/** How many rows a page of these lists has. */
const PAGE = 50;

/** All organisations that the person may see. */
export const organizationsQuery = infiniteQueryOptions({
  queryKey: ["organizations"],
  queryFn: ({ signal, pageParam }) =>
    getPage("/organizations", z.array(organization), { signal, query: { limit: PAGE, after_id: pageParam } }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => (page.hasMore ? page.items.at(-1)?.id : undefined),
});

/** All lists of members begin with it. */
export const MEMBERS_KEY = ["organization-members"] as const;

/** Members with these words in their names or address. */
export function membersQuery(organizationId: string, words: string) {
  return infiniteQueryOptions({
    queryKey: [...MEMBERS_KEY, organizationId, words],
    queryFn: ({ signal, pageParam }) =>
      get(`/organizations/${organizationId}/members`, organizationMembersResponse, {
        signal,
        query: { q: words, limit: PAGE, after_id: pageParam },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => (page.members.length < PAGE ? undefined : page.members.at(-1)?.user_id),
    staleTime: 10_000,
  });
}

/** The roles of an organisation, and which of them the person may give. */
export function organizationRolesQuery(organizationId: string) {
  return queryOptions({
    queryKey: ["organization-roles", organizationId],
    queryFn: ({ signal }) =>
      get(`/organizations/${organizationId}/members/roles`, z.array(assignableOrganizationRole), { signal }),
    staleTime: 5 * 60_000,
  });
}

/** All lists of groups begin with it. */
export const GROUPS_KEY = ["groups"] as const;

export function groupsQuery(organizationId: string) {
  return infiniteQueryOptions({
    queryKey: [...GROUPS_KEY, organizationId],
    queryFn: ({ signal, pageParam }) =>
      getPage(`/organizations/${organizationId}/groups`, z.array(group), {
        signal,
        query: { limit: PAGE, after_id: pageParam },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => (page.hasMore ? page.items.at(-1)?.id : undefined),
  });
}

export function groupQuery(groupId: string) {
  return queryOptions({
    queryKey: ["group", groupId],
    queryFn: ({ signal }) => get(`/groups/${groupId}`, group, { signal }),
  });
}

export function sharingQuery(organizationId: string) {
  return queryOptions({
    queryKey: ["workspace-sharing", organizationId],
    queryFn: ({ signal }) =>
      get(`/organizations/${organizationId}/settings/workspace-sharing`, workspaceSharingSettings, { signal }),
    // How many shares a change takes away is to be right when it is read.
    staleTime: 0,
  });
}
