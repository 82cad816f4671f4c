import { queryOptions } from "@tanstack/react-query";
import { externalAuthResponse, externalAuthState } from "../../../src/contract/external-auth.ts";
import { get } from "./client.ts";

/** What can be connected and what is. The server asks each service, so it is not asked again with every focus. */
export const externalAuthQuery = queryOptions({
  queryKey: ["external-auth"],
  queryFn: ({ signal }) => get("/external-auth", externalAuthResponse, { signal }),
  staleTime: 30_000,
});

/** As whom a service is connected. */
export const externalAuthStateQuery = (id: string) =>
  queryOptions({
    queryKey: ["external-auth", id],
    queryFn: ({ signal }) => get(`/external-auth/${encodeURIComponent(id)}`, externalAuthState, { signal }),
    staleTime: 30_000,
  });
