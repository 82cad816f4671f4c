import { useQuery } from "@tanstack/react-query";
import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import type { OrganizationRights, Rights } from "../../../src/contract/rights.ts";
import { rightsQuery } from "../api/queries.ts";
import { remember, remembered } from "./remembered.ts";

/** Until the server has said more. */
const NONE: Rights = {
  manage_deployment: false,
  read_deployment: false,
  read_users: false,
  manage_users: false,
  create_organizations: false,
  read_audit_log: false,
  read_all_usage: false,
  organizations: [],
};

/** Whether somebody may read what others spent: everywhere, or in some organisation. */
export function readsUsageOfOthers({ read_all_usage, organizations }: Rights): boolean {
  return read_all_usage || organizations.some(({ read_usage }) => read_usage);
}

/** What the person may do here. The server decides; this only spares them dead ends. */
export function useRights(): Rights {
  return useQuery(rightsQuery).data ?? NONE;
}

const CHOSEN = "organization";
const watchers = new Set<() => void>();

function subscribe(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

function choose(id: string): void {
  remember(CHOSEN, id);
  for (const watcher of watchers) watcher();
}

/**
 * The organisation that pages speak of and that new things belong to: the one that this browser remembers,
 * else the default one. Undefined for somebody who is in none.
 */
export function useOrganization(): [OrganizationRights | undefined, (id: string) => void] {
  const rights = useRights();
  const chosen = useSyncExternalStore(subscribe, () => remembered(CHOSEN));
  return [chosenAmong(rights, chosen), choose];
}

function chosenAmong({ organizations }: Rights, chosen: string | null): OrganizationRights | undefined {
  return (
    organizations.find(({ id }) => id === chosen) ??
    organizations.find((each) => each.is_default) ??
    organizations.at(0)
  );
}

/**
 * For the request that makes something: that organisation, where the person is a member of it; else the server
 * chooses. Waits for the rights, for whoever is quicker than their first answer.
 */
export async function organizationOfNew(queryClient: QueryClient): Promise<{ organization_id?: string }> {
  const organization = chosenAmong(await queryClient.ensureQueryData(rightsQuery), remembered(CHOSEN));
  return organization?.is_member === true ? { organization_id: organization.id } : {};
}
