import type { Context } from "hono";
import type { AppEnv } from "../access/router.ts";
import { SESSION_COOKIE, sessionValue } from "./credentials.ts";
import { SESSION_ABSOLUTE_MS, type NewSession } from "./sessions.ts";

const place = { name: SESSION_COOKIE, path: "/" };

/**
 * The `Set-Cookie` of a new session. The browser keeps it for the absolute lifetime; whether it is
 * still good is the server's to say, which slides the nearer end forward with use.
 */
export function sessionCookie(url: string, id: string, secret: string): string {
  return cookie(url, { ...place, value: sessionValue(id, secret), maxAgeSeconds: SESSION_ABSOLUTE_MS / 1000 });
}

/** The `Set-Cookie` that makes a browser forget its session. */
export function expiredSessionCookie(url: string): string {
  return cookie(url, { ...place, value: "", maxAgeSeconds: 0 });
}

/** Signs the browser of this request in. */
export function setSessionCookie(c: Context<AppEnv>, session: NewSession): void {
  c.header("set-cookie", sessionCookie(c.req.url, session.id, session.secret), { append: true });
}

/** Where a sign-in comes from, as the list of sessions shows it. */
export function senderOf(c: Context<AppEnv>): { address: string; userAgent: string } {
  return { address: c.req.header("cf-connecting-ip") ?? "", userAgent: c.req.header("user-agent") ?? "" };
}

interface Cookie {
  name: string;
  value: string;
  path: string;
  maxAgeSeconds: number;
}

/** A `Set-Cookie` that no script reads and no other site's page makes a browser send with what changes something. */
export function cookie(url: string, { name, value, path, maxAgeSeconds }: Cookie): string {
  const secure = isLocalHttp(new URL(url)) ? "" : "; Secure";
  return `${name}=${value}; Path=${path}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure}`;
}

/** Browsers drop Secure cookies over http; on the same machine nobody can listen in between. */
function isLocalHttp(url: URL): boolean {
  return url.protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
}
