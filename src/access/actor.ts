import type { SiteRole } from "../contract/identity.ts";

/** The scope of a credential that may do everything its user may. */
export const ALL_SCOPE = "all";

/** Who is asking, as authentication found out; every route decides with it. */
export interface Actor {
  userId: string;
  username: string;
  siteRoles: SiteRole[];
  organizationIds: string[];
  /** The session whose cookie was sent; null for API tokens. */
  sessionId: string | null;
  /** The API token that was sent; null for sessions. */
  keyId: string | null;
  /** What the credential is good for; sessions have `all`. An empty list allows nothing. */
  scopes: string[];
}

/** Before the id of an API token where sessions and tokens share one name space. */
export const KEY_CREDENTIAL = "key:";

/** How a credential is named where sockets and revocations meet: a session by its id, a token with a prefix. */
export function credentialName(actor: Pick<Actor, "sessionId" | "keyId">): string {
  if (actor.sessionId !== null) return actor.sessionId;
  return actor.keyId === null ? "" : `${KEY_CREDENTIAL}${actor.keyId}`;
}
