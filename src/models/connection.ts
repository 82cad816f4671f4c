import { Problem } from "../platform/problem.ts";
import type { ImplementedProvider } from "./provider-names.ts";

/** Where and as whom a provider is called. Lives for one call; never logged, never answered. */
export interface Connection {
  provider: ImplementedProvider;
  displayName: string;
  apiKey: string;
  /** "" = the provider's own address. */
  baseUrl: string;
  /** True when the address was set by whoever deploys (environment), who may name any host. */
  trustedAddress: boolean;
}

const OWN_ADDRESSES: Record<ImplementedProvider, string> = {
  anthropic: "https://api.anthropic.com/v1",
  google: "https://generativelanguage.googleapis.com/v1beta",
  openai: "https://api.openai.com/v1",
  "openai-compat": "",
};

const OWN_PATHS: Record<ImplementedProvider, string> = {
  anthropic: "/v1",
  google: "/v1beta",
  openai: "/v1",
  "openai-compat": "/v1",
};

/**
 * The address that the adapters append `/messages` and the like to. Half the world's tools write these
 * addresses without the version, so one without a path gets its provider's, mostly `/v1`; "" when there is no address at all. Throws a 400 Problem when it is no URL.
 */
export function endpointOf(connection: Pick<Connection, "provider" | "baseUrl">): string {
  const given = connection.baseUrl.trim();
  if (given === "") return OWN_ADDRESSES[connection.provider];
  if (!URL.canParse(given)) throw new Problem(400, "This address cannot be used.", { detail: "It is not a full URL." });
  const url = new URL(given);
  const path = url.pathname.replace(/\/+$/, "");
  url.pathname = path === "" ? OWN_PATHS[connection.provider] : path;
  return url.href.replace(/\/$/, "");
}
