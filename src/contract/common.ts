import { z } from "zod";

/** An id of a row in D1: UUIDv7 text, opaque to clients. */
export const id = z.uuid();

/** An instant on the wire: RFC 3339, UTC, milliseconds. */
export const timestamp = z.iso.datetime();

/** Control characters, halves of characters, line breaks, and what turns the text around it about. */
const UNSEEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/gu;

/** What people call themselves and things: one line that is read as it was written. */
export function oneLine(longest: number) {
  return z
    .string()
    .trim()
    .max(longest)
    .refine((text) => text.search(UNSEEN) === -1, {
      error: "Use no line breaks, control characters or signs that turn text about.",
    });
}

/** What somebody else's system calls them, as `oneLine` would take it. */
export function asOneLine(text: string, longest: number): string {
  return text.slice(0, longest).replaceAll(UNSEEN, " ").trim();
}

/**
 * Any JSON value; tool arguments and results are free-form. Not `z.json()`: without a name of its own a
 * schema that contains itself has no end in the API description.
 */
export const json: z.ZodType<Json> = z
  .lazy(() => z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(json), z.record(z.string(), json)]))
  .meta({ id: "Json" });
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** One thing wrong with a request: a JSON pointer into the body, or the name of a query or path parameter. */
export const problemError = z
  .object({
    pointer: z.string().optional(),
    parameter: z.string().optional(),
    detail: z.string(),
  })
  .meta({ id: "ProblemError" });
export type ProblemError = z.infer<typeof problemError>;

/**
 * The body of every error (RFC 9457, `application/problem+json`).
 * `message` and `validations` repeat title and errors for clients of the reference API.
 */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    errors: z.array(problemError).optional(),
    request_id: z.string(),
    message: z.string(),
    validations: z.array(z.object({ field: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: "Problem" });
export type ProblemBody = z.infer<typeof problem>;
