import { randomInt } from "node:crypto";
import { randomText } from "../platform/ids.ts";

export const SESSION_COOKIE = "tideline_session";

/** A secret with the id of the row that its hash is in. */
export interface Credential {
  kind: "session" | "token";
  id: string;
  secret: string;
  /** Browsers attach cookies by themselves, so what came by cookie needs the Origin check. */
  viaCookie: boolean;
}

const ALPHANUMERICS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const TOKEN_ID_LENGTH = 10;
/** 190 bits. */
const TOKEN_SECRET_LENGTH = 32;
const SESSION_SECRET_BYTES = 32;

const TOKEN = new RegExp(`^tl_([A-Za-z0-9]{${TOKEN_ID_LENGTH}})-([A-Za-z0-9]{${TOKEN_SECRET_LENGTH}})$`);
const SESSION = /^([0-9a-f-]{36})\.([A-Za-z0-9_-]{43})$/;

/** A new API token: `tl_<id>-<secret>`. The prefix lets scanners and people recognise it. */
export function newApiToken(): { id: string; secret: string; key: string } {
  const id = randomAlphanumerics(TOKEN_ID_LENGTH);
  const secret = randomAlphanumerics(TOKEN_SECRET_LENGTH);
  return { id, secret, key: `tl_${id}-${secret}` };
}

/** What a token may be recognised by: everything but its secret. */
export function tokenPrefix(id: string): string {
  return `tl_${id}`;
}

export function newSessionSecret(): string {
  return randomText(SESSION_SECRET_BYTES);
}

/** A session as the cookie carries it. */
export function sessionValue(id: string, secret: string): string {
  return `${id}.${secret}`;
}

/**
 * The one place that reads credentials: `Authorization: Bearer`, `x-api-key`, `Tideline-Session-Token`
 * or the cookie, each of which may carry a session or an API token. A header wins over the cookie, also
 * when its content is no credential of ours: who sends one means it. Null when there is none.
 */
export function readCredentials(request: Request): Credential | null {
  const fromHeader = headerCredential(request.headers);
  if (fromHeader !== null) return parseCredential(fromHeader, false);
  const cookie = cookieValue(request.headers.get("cookie"), SESSION_COOKIE);
  return cookie === null ? null : parseCredential(cookie, true);
}

/** Whether the request carries our cookie at all, valid or not. */
export function hasSessionCookie(request: Request): boolean {
  return cookieValue(request.headers.get("cookie"), SESSION_COOKIE) !== null;
}

function headerCredential(headers: Headers): string | null {
  // Another scheme is somebody else's, such as a proxy's in front of us that asks for a password.
  const bearer = /^bearer(?: +(.*))?$/i.exec(headers.get("authorization")?.trim() ?? "");
  if (bearer !== null) return bearer[1] ?? "";
  return headers.get("x-api-key") ?? headers.get("tideline-session-token");
}

function parseCredential(text: string, viaCookie: boolean): Credential | null {
  const token = TOKEN.exec(text.trim());
  const match = token ?? SESSION.exec(text.trim());
  const [, id, secret] = match ?? [];
  if (id === undefined || secret === undefined) return null;
  return { kind: token === null ? "session" : "token", id, secret, viaCookie };
}

/** A cookie of a `Cookie` header; null when it is not there. */
export function cookieValue(header: string | null, name: string): string | null {
  for (const pair of (header ?? "").split(";")) {
    const [key, ...value] = pair.split("=");
    if (key?.trim() === name) return value.join("=").trim();
  }
  return null;
}

function randomAlphanumerics(length: number): string {
  return Array.from({ length }, () => ALPHANUMERICS.charAt(randomInt(ALPHANUMERICS.length))).join("");
}
