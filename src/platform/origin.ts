import { Problem } from "./problem.ts";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether a request can change something or opens a socket: what a foreign page must not make a browser do. */
export function needsOriginCheck(request: Request): boolean {
  return !SAFE_METHODS.has(request.method) || isWebSocketUpgrade(request);
}

export function isWebSocketUpgrade(request: Request): boolean {
  return request.headers.get("upgrade")?.toLowerCase() === "websocket";
}

/**
 * Throws a 403 Problem when a request comes from a page of another site: its `Origin` must be the
 * request's own or `ACCESS_URL`'s. `cookie`: whether the request carries our cookie; then a missing
 * `Origin` is refused too, since every browser sends one here.
 */
export function requireOwnOrigin(request: Request, accessUrl: string | undefined, cookie: boolean): void {
  const origin = request.headers.get("origin");
  if (origin === null && !cookie) return;
  const own = [new URL(request.url).origin, originOf(accessUrl)];
  if (origin !== null && own.includes(origin)) return;
  throw new Problem(403, "This request comes from another site.", {
    detail: "Its Origin is not this deployment's. Scripts use an API token, which needs no Origin.",
  });
}

function originOf(url: string | undefined): string | null {
  return url !== undefined && URL.canParse(url) ? new URL(url).origin : null;
}
