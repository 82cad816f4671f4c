import { siteRoles, userStatuses } from "../../../../src/contract/identity.ts";
import type { UserSearch } from "../../api/account-queries.ts";

/** As the controls hold it; "any" narrows nothing. */
export interface AccountFilters {
  words: string;
  status: string;
  role: string;
  kind: string;
}

export const noFilter: AccountFilters = { words: "", status: "any", role: "any", kind: "any" };

/** What the server is asked. */
export function searchOf({ words, status, role, kind }: AccountFilters): UserSearch {
  return {
    q: words.trim() === "" ? undefined : words.trim(),
    status: userStatuses.find((each) => each === status),
    role: siteRoles.find((each) => each === role),
    service_account: kind === "any" ? undefined : kind === "service",
  };
}

export function isNarrowed(filters: AccountFilters): boolean {
  return Object.values(searchOf(filters)).some((value) => value !== undefined);
}
