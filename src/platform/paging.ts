import { z } from "zod";
import { Problem } from "./problem.ts";

/** What a client gets when it does not say, and the most it can have. In the API documentation too. */
const DEFAULT_PAGE_LIMIT = 50;
const MAX_PAGE_LIMIT = 200;

/** The query parameter `limit`: 1 to the maximum. */
export const pageLimit = z.coerce
  .number()
  .int()
  .min(1)
  .max(MAX_PAGE_LIMIT)
  .default(DEFAULT_PAGE_LIMIT)
  .meta({ description: `How many at most: 1 to ${MAX_PAGE_LIMIT}, ${DEFAULT_PAGE_LIMIT} by default.` });

/** The query of a list that is paged by its last id: `limit` and `after_id`. */
export const pageQuery = z.strictObject({
  limit: pageLimit,
  after_id: z.string().max(100).optional().meta({ description: "The last id of the page before." }),
});

/** For a cursor that names nothing the actor may see. */
export function unknownCursor(parameter = "after_id"): Problem {
  return new Problem(400, "The request is not valid.", {
    errors: [{ parameter, detail: "No such item; begin again without it." }],
  });
}

/**
 * Cuts a page that was read with one row too many (`limit + 1`), and says where the next one is: the
 * value of a `Link` header (RFC 8288), or null on the last page.
 */
export function cutPage<T extends { id: string }>(
  rows: readonly T[],
  limit: number,
  url: string,
): { rows: T[]; link: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  if (rows.length <= limit || last === undefined) return { rows: page, link: null };
  return { rows: page, link: nextLink(url, { after_id: last.id }) };
}

/** The value of a `Link` header that points to the same list with other parameters. */
function nextLink(url: string, parameters: Record<string, string>): string {
  const next = new URL(url);
  for (const [name, value] of Object.entries(parameters)) next.searchParams.set(name, value);
  return `<${next.pathname}${next.search}>; rel="next"`;
}
