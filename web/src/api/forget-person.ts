import type { QueryClient } from "@tanstack/react-query";
import { setupQuery } from "./queries.ts";
import { authMethodsQuery } from "./sign-in-queries.ts";

/** What belongs to the deployment, and stands on the page where the person ends. */
const everybodys: readonly unknown[] = [setupQuery.queryKey[0], authMethodsQuery.queryKey[0]];

/** Forgets all that was read for the person who was signed in: the next one at this browser sees none of it. */
export function forgetPerson(queryClient: QueryClient): void {
  queryClient.getMutationCache().clear();
  queryClient.removeQueries({ predicate: ({ queryKey }) => !everybodys.includes(queryKey[0]) });
}
