import type { ExternalLink, LinkStore, Tokens } from "./links.ts";
import type { TokenAnswer } from "./ports.ts";

/*
 * One renewal of one link. Refresh tokens mostly work once: who loses the answer, or throws away what another has
 * just stored, has disconnected a person for good. So what comes is stored before anything else is done with it, and
 * nothing is taken away that is not as it was read.
 */

/** What a provider answers when it is asked to renew. */
export type RefreshResult =
  | { outcome: "tokens"; tokens: Tokens }
  /** This refresh token will never be good again. */
  | { outcome: "refused"; reason: string }
  /** It does not take requests of this deployment; nobody's link is to blame, and asking again does not help. */
  | { outcome: "misconfigured"; reason: string }
  /** A later try may succeed. */
  | { outcome: "unavailable"; reason: string };

/** What a provider says of an access token. */
export type Validation =
  | { outcome: "valid" }
  | { outcome: "invalid" }
  /** Neither: it did not say. */
  | { outcome: "unknown"; reason: string };

export interface RefreshPorts {
  store: LinkStore;
  provider: {
    displayName: string;
    noRefresh: boolean;
    /** Its copies take a moment to know a new token (GitHub): a 401 right after a refresh may be wrong. */
    isLate: boolean;
    refresh(link: ExternalLink, limitMs: number): Promise<RefreshResult>;
    validate(accessToken: string, limitMs: number): Promise<Validation>;
  };
  now(): number;
  sleep(ms: number): Promise<void>;
}

/** What expires so soon would expire on its way. */
const MARGIN_MS = 60_000;
/** For all requests together; the one who waits for it gives up at 10 s. */
const BUDGET_MS = 9_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000;
/** Of a validation, however little of the budget the refresh has left. */
const VALIDATION_MS = 2_000;
const LATE_MS = 1_000;
const LATE_FIRST_PAUSE_MS = 50;
const LATE_LONGEST_PAUSE_MS = 200;
/** Storing takes a write to D1; a person is sent to connect anew once, and waits this once. */
const SETTLE_PAUSES_MS = [100, 300];
/** Enough for a sentence; some providers answer with a page. */
const REASON_MAX_LENGTH = 400;
/** How often a new token is written over what losers of a race have noted; there are never that many. */
const STORE_TRIES = 5;

/** The answer that a link gives as it stands; null when it has to be refreshed first. */
export function answerOf(link: ExternalLink | null, provider: Named, now: number): TokenAnswer | null {
  if (link === null) return { state: "not_connected" };
  if (isFresh(link, now)) return { state: "ready", token: link.accessToken, expiresAt: link.expiresAt };
  if (provider.noRefresh || link.refreshToken === "") return { state: "refused", reason: whyOver(link, provider, now) };
  return null;
}

/** A token that is good for a while: the one that is stored, or a new one. */
export async function renewedToken(ports: RefreshPorts): Promise<TokenAnswer> {
  const { store, provider } = ports;
  const link = await store.read();
  const known = answerOf(link, provider, ports.now());
  if (known !== null || link === null) return known ?? { state: "not_connected" };
  const deadline = ports.now() + BUDGET_MS;
  const result = await refreshPatiently(ports, link, deadline);
  switch (result.outcome) {
    case "tokens":
      return keep(ports, link, result.tokens, deadline);
    case "refused":
      return condemn(ports, link, result.reason);
    default:
      return { state: "unavailable", reason: result.reason };
  }
}

async function refreshPatiently(ports: RefreshPorts, link: ExternalLink, deadline: number): Promise<RefreshResult> {
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    const result = await ports.provider.refresh(link, deadline - ports.now());
    if (result.outcome !== "unavailable" || ports.now() + pause >= deadline) return result;
    await ports.sleep(pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

/** Stores what came, and only then looks whether it is any good. */
async function keep(ports: RefreshPorts, link: ExternalLink, tokens: Tokens, deadline: number): Promise<TokenAnswer> {
  const stored = await storeNew(ports, link, tokens);
  if (stored !== null) return stored;
  const { provider } = ports;
  const validation = await validatePatiently(ports, tokens.accessToken, deadline);
  if (validation.outcome === "valid") {
    return { state: "ready", token: tokens.accessToken, expiresAt: tokens.expiresAt };
  }
  return validation.outcome === "invalid"
    ? { state: "refused", reason: `${provider.displayName} does not accept the access that it has just given.` }
    : { state: "unavailable", reason: validation.reason };
}

/** Null once these tokens are stored; the answer of what stands there instead, where somebody stored newer ones. */
async function storeNew(ports: RefreshPorts, link: ExternalLink, tokens: Tokens): Promise<TokenAnswer | null> {
  const { store, provider } = ports;
  let over = link;
  for (let tries = 0; tries < STORE_TRIES; tries++) {
    if (await store.storeTokens(over, tokens, ports.now())) return null;
    const current = await store.read();
    // Somebody who raced with us was refused first, since the refresh token was ours already: we know better.
    const isOurs = current !== null && current.refreshToken === "" && current.accessToken === link.accessToken;
    if (!isOurs) return standing(current, provider, ports.now());
    over = current;
  }
  return { state: "unavailable", reason: `The new access to ${provider.displayName} could not be stored.` };
}

/** Takes the refresh token away and remembers why, unless another has stored a better one meanwhile. */
async function condemn(ports: RefreshPorts, link: ExternalLink, said: string): Promise<TokenAnswer> {
  const { store, provider } = ports;
  const current = await readSettled(ports, link);
  const now = ports.now();
  if (current === null || current.refreshToken !== link.refreshToken) return standing(current, provider, now);
  const refreshFailureReason = withoutTokens(said, current).slice(0, REASON_MAX_LENGTH);
  if (!(await store.rememberRefusal(current, refreshFailureReason, now))) {
    return standing(await store.read(), provider, now);
  }
  const reason = whyOver({ ...current, refreshFailureReason, refreshFailedAt: now }, provider, now);
  return { state: "refused", reason };
}

/** The link once whoever may have used its refresh token before us has had the time to store what they got for it. */
async function readSettled({ store, sleep }: RefreshPorts, link: ExternalLink): Promise<ExternalLink | null> {
  let current = await store.read();
  for (const pause of SETTLE_PAUSES_MS) {
    if (current?.refreshToken !== link.refreshToken) return current;
    await sleep(pause);
    current = await store.read();
  }
  return current;
}

/** What a link says that somebody else has just written; what would need a refresh again is for the next one who asks. */
function standing(link: ExternalLink | null, provider: Named, now: number): TokenAnswer {
  return (
    answerOf(link, provider, now) ?? {
      state: "unavailable",
      reason: `The access to ${provider.displayName} is being renewed. Try again in a moment.`,
    }
  );
}

async function validatePatiently(ports: RefreshPorts, accessToken: string, deadline: number): Promise<Validation> {
  const lateUntil = ports.now() + LATE_MS;
  let pause = LATE_FIRST_PAUSE_MS;
  for (;;) {
    const limitMs = Math.max(deadline - ports.now(), VALIDATION_MS);
    const validation = await ports.provider.validate(accessToken, limitMs);
    const maySettle = validation.outcome === "invalid" && ports.provider.isLate && ports.now() + pause < lateUntil;
    if (!maySettle) return validation;
    await ports.sleep(pause);
    pause = Math.min(pause * 2, LATE_LONGEST_PAUSE_MS);
  }
}

type Named = Pick<RefreshPorts["provider"], "displayName" | "noRefresh">;

function isFresh({ accessToken, expiresAt }: ExternalLink, now: number): boolean {
  return accessToken !== "" && (expiresAt === null || expiresAt > now + MARGIN_MS);
}

/** A sentence: why this link gives no token any more. */
function whyOver(link: ExternalLink, { displayName }: Named, now: number): string {
  if (link.refreshFailureReason === "") return `The access to ${displayName} has expired. Connect it again.`;
  const reason = link.refreshFailureReason.replace(/[.\s]+$/, "");
  // Not the provider's doing.
  if (link.refreshFailedAt === null) return `The access to ${displayName} cannot be used: ${reason}. Connect it again.`;
  const when = ageOf(now - link.refreshFailedAt);
  return `${displayName} refused to renew the access ${when}: ${reason}. Connect it again.`;
}

function ageOf(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 2) return "just now";
  if (minutes < 120) return `${minutes} minutes ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} hours ago` : `${Math.floor(hours / 24)} days ago`;
}

/** A provider may repeat what it was sent; that is not for people to read. */
function withoutTokens(text: string, { accessToken, refreshToken }: ExternalLink): string {
  return [accessToken, refreshToken]
    .filter((token) => token !== "")
    .reduce((shown, token) => shown.replaceAll(token, "[hidden]"), text);
}
