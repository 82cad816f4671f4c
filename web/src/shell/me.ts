import { useSuspenseQuery } from "@tanstack/react-query";
import type { User } from "../../../src/contract/identity.ts";
import { meQuery } from "../api/queries.ts";

/** Who is signed in. Inside the shell somebody always is. */
export function useMe(): User {
  return useSuspenseQuery(meQuery).data;
}

/** Whether somebody may set up providers and models. The server decides; this only spares them dead ends. */
export function isAdmin(user: User): boolean {
  return user.roles.includes("owner");
}
