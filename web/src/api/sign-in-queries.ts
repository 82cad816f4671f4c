import { queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { authMethods, passkey, signInMethods } from "../../../src/contract/sign-in.ts";
import { get } from "./client.ts";

/** What a sign-in page offers. */
export const authMethodsQuery = queryOptions({
  queryKey: ["auth-methods"],
  queryFn: ({ signal }) => get("/users/auth-methods", authMethods, { signal, anonymous: true }),
  staleTime: Infinity,
});

/** How the person signs in. Not kept for long: what a change needs depends on the time. */
export const signInMethodsQuery = queryOptions({
  queryKey: ["sign-in-methods", "me"],
  queryFn: ({ signal }) => get("/users/me/sign-in-methods", signInMethods, { signal }),
  staleTime: 0,
});

export const passkeysQuery = queryOptions({
  queryKey: ["passkeys", "me"],
  queryFn: ({ signal }) => get("/users/me/passkeys", z.array(passkey), { signal }),
});
