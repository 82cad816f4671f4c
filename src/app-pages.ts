import type { Context } from "hono";
import type { AppEnv } from "./access/router.ts";
import { Problem } from "./platform/problem.ts";

/** The last step of a path, where it is called like a file: `/tideline-agent.cjs`, `/assets/index-1a2b.js`. */
const FILE_NAME = /\.[A-Za-z0-9]+$/;

/** What a program meant for the API: `//api/v2/chats`, `/API/v2/chats`, `/healthz/`. A page would look like success. */
const MEANT_FOR_PROGRAMS = /^\/+(api|healthz)(\/|$)/i;

/**
 * The page of the web app, whose own router reads the path. Files that are there never get this far; one
 * that is not is a 404: the page in its place would be run as a script, or be kept for a year.
 */
export async function answerPage(c: Context<AppEnv>): Promise<Response> {
  if (FILE_NAME.test(c.req.path)) throw new Problem(404, "There is no such file.");
  if (MEANT_FOR_PROGRAMS.test(c.req.path)) {
    const detail = "Paths have small letters, one slash between two steps and none at the end.";
    throw new Problem(404, "There is no such address.", { detail });
  }
  if (c.req.method !== "GET" && c.req.method !== "HEAD") {
    throw new Problem(405, "This address does not answer that method.", { headers: { allow: "GET, HEAD" } });
  }
  return c.env.ASSETS.fetch(new Request(new URL("/", c.req.url), c.req.raw));
}
