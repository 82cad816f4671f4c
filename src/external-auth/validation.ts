import { z } from "zod";
import { asOneLine } from "../contract/common.ts";
import type { ExternalAuthUser } from "../contract/external-auth.ts";
import { askProvider, parseAnswer, REQUEST_MS } from "./outgoing.ts";
import type { ExternalAuthSettings } from "./ports.ts";
import type { Validation } from "./refresh.ts";

/** A person as GitHub, GitLab, Gitea and OpenID Connect's userinfo describe them, each in its words. */
const profile = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  sub: z.string().optional(),
  login: z.string().optional(),
  username: z.string().optional(),
  preferred_username: z.string().optional(),
  name: z.string().nullish(),
  full_name: z.string().nullish(),
  avatar_url: z.string().nullish(),
  picture: z.string().nullish(),
  html_url: z.string().nullish(),
  web_url: z.string().nullish(),
  profile: z.string().nullish(),
});

const NAME_MAX_LENGTH = 200;

/** Whether the provider takes this token, and whose it says that it is, where it says so. */
export async function validateToken(
  settings: ExternalAuthSettings,
  accessToken: string,
  limitMs = REQUEST_MS,
): Promise<Validation & { user: ExternalAuthUser | null }> {
  if (settings.validateUrl === "") return { outcome: "valid", user: null };
  const headers = { authorization: `Bearer ${accessToken}` };
  const answer = await askProvider(settings.validateUrl, { headers }, limitMs);
  const unknown = (why: string) =>
    ({ outcome: "unknown", reason: `${settings.displayName} ${why}.`, user: null }) as const;
  if (answer.status === null) return unknown(`does not answer: ${answer.reason}`);
  if (answer.status === 200) return { outcome: "valid", user: userOf(answer.text) };
  if (answer.status === 401) return { outcome: "invalid", user: null };
  // It knows the token; it only wants to be asked less often.
  if (answer.status === 429) return { outcome: "valid", user: null };
  if (answer.status === 403) return { outcome: isRateLimit(answer.headers) ? "valid" : "invalid", user: null };
  return unknown(`answered with status ${answer.status}`);
}

/** What is rate-limited says so: GitHub's and GitLab's own headers, and the one of HTTP. */
export function isRateLimit(headers: Headers): boolean {
  const left = headers.get("x-ratelimit-remaining") ?? headers.get("ratelimit-remaining");
  return left?.trim() === "0" || headers.has("retry-after");
}

export function userOf(text: string): ExternalAuthUser | null {
  const person = parseAnswer(profile, text);
  if (person === null) return null;
  const login = person.login ?? person.username ?? person.preferred_username ?? "";
  const id = person.id ?? person.sub;
  if (login === "" && id === undefined) return null;
  return {
    ...(id === undefined ? {} : { id: String(id) }),
    login: asOneLine(login || String(id), NAME_MAX_LENGTH),
    name: asOneLine(person.name ?? person.full_name ?? "", NAME_MAX_LENGTH),
    avatar_url: webAddress(person.avatar_url ?? person.picture),
    profile_url: webAddress(person.html_url ?? person.web_url ?? person.profile),
  };
}

/** An address that a page may link to; "" for anything else, such as a script. */
export function webAddress(text: string | null | undefined): string {
  if (text === null || text === undefined || !URL.canParse(text)) return "";
  const url = new URL(text);
  return url.protocol === "https:" || url.protocol === "http:" ? url.href : "";
}
