import { log } from "./log.ts";
import { Problem } from "./problem.ts";
import { isTransient } from "./transient.ts";

/**
 * What somebody who asked is told of anything that was thrown: expected refusals as they are; anything else is
 * logged with `about` and says nothing.
 */
export function toProblem(error: unknown, about: { request_id: string } & Record<string, unknown>): Problem {
  if (error instanceof Problem) return error;
  log.error("request.failed", { error, ...about });
  if (isTransient(error)) {
    return new Problem(503, "This did not get through just now.", {
      detail: "A part of the platform is away for a moment. Try again.",
      headers: { "retry-after": "2" },
    });
  }
  return new Problem(500, "Something went wrong here.", {
    detail: `It is not your request. It was logged as ${about.request_id}.`,
  });
}
