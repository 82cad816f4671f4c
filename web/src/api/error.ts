import type { ProblemBody, ProblemError } from "../../../src/contract/common.ts";

/** An answer that is no success, in the server's words, or a request that never got there (status 0). */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly detail: string | null;
  readonly errors: readonly ProblemError[];
  readonly requestId: string | null;
  /** Seconds after which trying again makes sense, where the server said so. */
  readonly retryAfter: number | null;

  constructor(status: number, title: string, options: ApiErrorOptions = {}) {
    super(title, { cause: options.cause });
    this.status = status;
    this.detail = options.detail ?? null;
    this.errors = options.errors ?? [];
    this.requestId = options.requestId ?? null;
    this.retryAfter = options.retryAfter ?? null;
  }

  static ofProblem(problem: ProblemBody, retryAfter: number | null): ApiError {
    return new ApiError(problem.status, problem.title, {
      detail: problem.detail,
      errors: problem.errors,
      requestId: problem.request_id,
      retryAfter,
    });
  }
}

interface ApiErrorOptions {
  detail?: string | undefined;
  errors?: readonly ProblemError[] | undefined;
  requestId?: string | undefined;
  retryAfter?: number | null;
  cause?: unknown;
}

/** A JSON pointer's steps: `/a~1b/0` is `["a/b", "0"]`. */
export function pointerSteps(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The first thing wrong with each field. `fieldOf` tells which field a place in the body belongs to. */
export function fieldErrors(
  errors: readonly ProblemError[],
  fieldOf: (steps: readonly string[]) => string | undefined = (steps) => steps[0],
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { pointer, detail } of errors) {
    const field = pointer === undefined ? undefined : fieldOf(pointerSteps(pointer));
    if (field !== undefined && !(field in found)) found[field] = detail;
  }
  return found;
}
