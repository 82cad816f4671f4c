import { Problem } from "./problem.ts";
import { isWebSocketUpgrade } from "./origin.ts";

/** Our own headers between the Worker and its objects: they say who was authenticated. */
const TRUSTED_PREFIX = "x-tideline-";
/** The Worker has read them; objects have no use for secrets. */
const CREDENTIALS = ["authorization", "cookie", "x-api-key", "tideline-session-token"];

/**
 * The WebSocket upgrade of a client as an object gets it: without its credentials, without any trusted
 * header that the client made up, with the ones given here. Throws a 426 Problem when it is none.
 */
export function forwardedUpgrade(request: Request, trusted: Record<string, string>): Request {
  if (!isWebSocketUpgrade(request)) {
    throw new Problem(426, "This address speaks WebSocket.", {
      detail: "Connect with a WebSocket client.",
      headers: { upgrade: "websocket", connection: "upgrade" },
    });
  }
  const forwarded = new Request(request);
  for (const name of [...forwarded.headers.keys()]) {
    if (name.startsWith(TRUSTED_PREFIX) || CREDENTIALS.includes(name)) forwarded.headers.delete(name);
  }
  for (const [name, value] of Object.entries(trusted)) forwarded.headers.set(name, value);
  return forwarded;
}
