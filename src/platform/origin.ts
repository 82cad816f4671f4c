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
  if (origin !== null && ownOrigins(request, accessUrl).includes(origin)) return;
  throw new Problem(403, "This request comes from another site.", {
    detail: "Its Origin is not this deployment's. Scripts use an API token, which needs no Origin.",
  });
}

/** Where this deployment is reached: as this request reached it, and at `ACCESS_URL` where that is set. */
export function ownOrigins(request: Request, accessUrl: string | undefined): string[] {
  const reached = new URL(request.url).origin;
  return accessUrl !== undefined && URL.canParse(accessUrl) ? [reached, new URL(accessUrl).origin] : [reached];
}

/** The origin that people see in the address bar: of the page that sends the request, or else `ACCESS_URL`'s. */
export function pageOrigin(request: Request, accessUrl: string | undefined): string {
  const own = ownOrigins(request, accessUrl);
  const seen = request.headers.get("origin");
  return seen !== null && own.includes(seen) ? seen : (own.at(-1) ?? "");
}
