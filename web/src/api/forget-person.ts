import type { QueryClient } from "@tanstack/react-query";
import { ACCOUNT_LINK_KEY } from "./account-queries.ts";
import { setupQuery } from "./queries.ts";
import { authMethodsQuery } from "./sign-in-queries.ts";

/** What belongs to the deployment, or stands on the page where one person ends and another begins. */
const everybodys: readonly unknown[] = [setupQuery.queryKey[0], authMethodsQuery.queryKey[0], ACCOUNT_LINK_KEY];

/** Forgets all that was read for the person who was signed in: the next one at this browser sees none of it. */
export function forgetPerson(queryClient: QueryClient): void {
  queryClient.getMutationCache().clear();
  queryClient.removeQueries({ predicate: ({ queryKey }) => !everybodys.includes(queryKey[0]) });
}
