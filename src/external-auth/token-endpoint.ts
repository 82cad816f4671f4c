import { z } from "zod";
import { asOneLine, json, type Json } from "../contract/common.ts";
import type { ExternalLink, Tokens } from "./links.ts";
import { askProvider, parseAnswer, REQUEST_MS, type ProviderAnswer } from "./outgoing.ts";
import type { ExternalAuthSettings } from "./ports.ts";
import type { RefreshResult } from "./refresh.ts";

/** What a provider said to a code: tokens, or which word of OAuth it refused it with. */
export type ExchangeResult =
  | { outcome: "tokens"; tokens: Tokens }
  | { outcome: "refused"; error: string; description: string }
  | { outcome: "unavailable"; reason: string };

type Answering = Pick<ExternalAuthSettings, "displayName" | "extraTokenKeys">;

/** A century in seconds: what is said to be good for longer never expires, and is no time that a date can hold. */
const LIFETIME_MAX_S = 3_155_760_000;

const oauthError = z.object({ error: z.string(), error_description: z.string().optional() });
const tokenAnswer = z.looseObject({
  access_token: z.string().min(1),
  refresh_token: z.string().nullish(),
  // Some write the number as text.
  expires_in: z.coerce.number().positive().max(LIFETIME_MAX_S).nullish().catch(null),
});
const anyFields = z.record(z.string(), json);

/** A refresh token that is no good any more, in the words of RFC 6749, GitHub and Slack. */
const OVER = new Set([
  "invalid_grant",
  "bad_refresh_token",
  "invalid_refresh_token",
  "token_expired",
  "token_revoked",
  "expired_token",
  "access_denied",
]);
/** RFC 6749, 4.1.2.1, and RFC 8628, 3.5. */
const PASSES = new Set(["server_error", "temporarily_unavailable", "slow_down"]);

/** Exchanges the code that a browser came back with (RFC 6749, 4.1.3, with PKCE). */
export async function exchangeCode(
  settings: ExternalAuthSettings,
  { code, redirectUri, verifier }: { code: string; redirectUri: string; verifier: string },
  now: number,
): Promise<ExchangeResult> {
  const form = { grant_type: "authorization_code", code, redirect_uri: redirectUri, code_verifier: verifier };
  return exchangeResult(settings, await askTokens(settings, form, REQUEST_MS), now);
}

/** Exchanges the code of a device (RFC 8628, 3.4). */
export async function exchangeDeviceCode(
  settings: ExternalAuthSettings,
  deviceCode: string,
  now: number,
): Promise<ExchangeResult> {
  const form = { grant_type: "urn:ietf:params:oauth:grant-type:device_code", device_code: deviceCode };
  return exchangeResult(settings, await askTokens(settings, form, REQUEST_MS), now);
}

/** Asks for new tokens (RFC 6749, 6). */
export async function refreshTokens(
  settings: ExternalAuthSettings,
  link: ExternalLink,
  { limitMs, now }: { limitMs: number; now: () => number },
): Promise<RefreshResult> {
  const form = { grant_type: "refresh_token", refresh_token: link.refreshToken };
  const answer = await askTokens(settings, form, limitMs);
  return refreshResult(settings, link, answer, now());
}

/** What comes of a refresh. What the answer leaves out stays as it was; what else is in it is nobody's business here. */
export function refreshResult(
  settings: Answering,
  link: ExternalLink,
  answer: ProviderAnswer,
  now: number,
): RefreshResult {
  const result = exchangeResult(settings, answer, now);
  if (result.outcome === "unavailable") return result;
  if (result.outcome === "refused") return judgeRefusal(settings.displayName, result.error, result.description);
  const { refreshToken, extra } = result.tokens;
  const kept = { refreshToken: refreshToken || link.refreshToken, extra: mergedExtra(link.extra, extra) };
  return { outcome: "tokens", tokens: { ...result.tokens, ...kept } };
}

/** What a refusal to refresh means: for this token, for all of this deployment, or for now. */
export function judgeRefusal(displayName: string, error: string, description: string): RefreshResult {
  const said = asOneLine(description === "" ? error : `${description} (${error})`, 1_000);
  if (OVER.has(error)) return { outcome: "refused", reason: said };
  if (PASSES.has(error)) return { outcome: "unavailable", reason: `${displayName} does not answer just now: ${said}.` };
  return { outcome: "misconfigured", reason: `${displayName} does not take requests of this deployment: ${error}.` };
}

function mergedExtra(before: Tokens["extra"], after: Tokens["extra"]): Tokens["extra"] {
  return before === null && after === null ? null : { ...before, ...after };
}

async function askTokens(
  settings: ExternalAuthSettings,
  form: Record<string, string>,
  limitMs: number,
): Promise<ProviderAnswer> {
  const body = new URLSearchParams({ ...form, client_id: settings.clientId });
  const headers: Record<string, string> = { "content-type": "application/x-www-form-urlencoded" };
  if (settings.clientSecret !== null) {
    // RFC 6749, 2.3.1: every server takes the header; of these three we know that they take the form.
    if (settings.type === "generic")
      headers["authorization"] = basicAuthorization(settings.clientId, settings.clientSecret, true);
    else body.set("client_secret", settings.clientSecret);
  }
  return askProvider(settings.tokenUrl, { method: "POST", headers, body: body.toString() }, limitMs);
}

function exchangeResult(settings: Answering, answer: ProviderAnswer, now: number): ExchangeResult {
  const name = settings.displayName;
  if (answer.status === null) return { outcome: "unavailable", reason: `${name} does not answer: ${answer.reason}.` };
  // GitHub refuses with status 200.
  const refusal = parseAnswer(oauthError, answer.text);
  if (refusal !== null && answer.status < 500) {
    return { outcome: "refused", error: refusal.error, description: refusal.error_description ?? "" };
  }
  const given = answer.status === 200 ? parseAnswer(tokenAnswer, answer.text) : null;
  if (given !== null) return { outcome: "tokens", tokens: tokensOf(settings, given, answer.text, now) };
  if (answer.status === 401) return { outcome: "refused", error: "invalid_client", description: "" };
  return { outcome: "unavailable", reason: `${name} answered with status ${answer.status} and no access.` };
}

function tokensOf(
  { extraTokenKeys }: Answering,
  given: z.output<typeof tokenAnswer>,
  text: string,
  now: number,
): Tokens {
  const fields = parseAnswer(anyFields, text) ?? {};
  const kept = extraTokenKeys.flatMap((key): [string, Json][] => {
    const value = fields[key];
    return value === undefined ? [] : [[key, value]];
  });
  return {
    accessToken: given.access_token,
    refreshToken: given.refresh_token ?? "",
    expiresAt: typeof given.expires_in === "number" ? now + Math.floor(given.expires_in * 1000) : null,
    extra: kept.length === 0 ? null : Object.fromEntries(kept),
  };
}

/** RFC 6749 wants both parts form-encoded before they are joined; GitHub's API takes them as they are. */
export function basicAuthorization(name: string, secret: string, formEncoded: boolean): string {
  const encoded = (text: string) => (formEncoded ? new URLSearchParams({ _: text }).toString().slice(2) : text);
  return `Basic ${btoa(`${encoded(name)}:${encoded(secret)}`)}`;
}
