import type { Json, ProblemBody, ProblemError } from "../contract/common.ts";

export interface ProblemOptions {
  /** What happened in this case and how to solve it, in plain words. */
  detail?: string;
  /** The fields that are wrong. */
  errors?: ProblemError[];
  /** Members of the body beside the usual ones (RFC 9457, 3.2), for programs to read. */
  extension?: Record<string, Json>;
  headers?: Record<string, string>;
}

/**
 * An expected refusal, thrown anywhere below a route and answered by the one error handler as
 * `application/problem+json` (RFC 9457).
 *
 * @example throw new Problem(409, "That name is taken.", { errors: [{ pointer: "/name", detail: "Choose another." }] });
 */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string | undefined;
  readonly errors: ProblemError[];
  readonly extension: Record<string, Json>;
  readonly headers: Record<string, string>;

  constructor(status: number, title: string, options: ProblemOptions = {}) {
    super(title);
    this.name = "Problem";
    this.status = status;
    this.title = title;
    this.detail = options.detail;
    this.errors = options.errors ?? [];
    this.extension = options.extension ?? {};
    this.headers = options.headers ?? {};
  }
}

/** What every unknown, foreign or unreadable id answers, so that none of them can be told apart. */
export function notFound(): Problem {
  return new Problem(404, "Not found.", { detail: "It does not exist, or you may not see it." });
}

/** The answer that a problem makes: the body of `contract/common.ts` with the problem's own headers. */
export function problemResponse(problem: Problem, requestId: string): Response {
  const headers = new Headers(problem.headers);
  headers.set("content-type", "application/problem+json");
  headers.set("cache-control", "no-store");
  return new Response(JSON.stringify(problemBody(problem, requestId)), { status: problem.status, headers });
}

/** The body alone, where there is no HTTP answer to carry it. */
export function problemBody(problem: Problem, requestId: string): ProblemBody {
  const body: ProblemBody = {
    // RFC 9457, 4.2.1: the status says all that a program needs; titles are for people.
    type: "about:blank",
    title: problem.title,
    status: problem.status,
    request_id: requestId,
    message: problem.title,
  };
  if (problem.detail !== undefined) body.detail = problem.detail;
  if (problem.errors.length > 0) {
    body.errors = problem.errors;
    body.validations = problem.errors.map((error) => ({ field: fieldName(error), detail: error.detail }));
  }
  return { ...problem.extension, ...body };
}

/** The reference API names fields without a leading slash. */
function fieldName(error: ProblemError): string {
  return error.parameter ?? (error.pointer ?? "").replace(/^\//, "");
}
