import type { Context } from "hono";
import { accepts } from "hono/accepts";
import { z } from "zod";
import type { AppEnv } from "../access/router.ts";
import { csvAnswer } from "../platform/csv.ts";
import { toWireTime } from "../platform/clock.ts";
import { csvHead, csvLines, type Columns } from "./csv.ts";
import type { Range } from "./ranges.ts";

/** The query parameter that asks for a file without a header. */
export const formatField = z
  .enum(["json", "csv"])
  .optional()
  .meta({ description: "`csv` for a file; `Accept: text/csv` asks for the same." });

/** An answer of a route that has both: `responses: { 200: jsonOrCsv(schema, "…") }`. */
export function jsonOrCsv<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { "application/json": { schema }, "text/csv": { schema: z.string() } } };
}

/** Whether the request asks for CSV. No cache keeps either form, so nothing need tell them apart there. */
export function wantsCsv(c: Context<AppEnv>, format: "json" | "csv" | undefined): boolean {
  if (format !== undefined) return format === "csv";
  const supports = ["application/json", "text/csv"];
  return accepts(c, { header: "Accept", supports, default: "application/json" }) === "text/csv";
}

/** Rows as a file that is named after what it tells and its range. */
export function csvFile<Row>(what: string, range: Range, columns: Columns<Row>, rows: readonly Row[]): Response {
  return csvAnswer(fileName(what, range), [csvHead(columns) + csvLines(columns, rows)]);
}

export function fileName(what: string, { from, to }: Range): string {
  const day = (instant: number) => toWireTime(instant).slice(0, 10);
  return `${what}-${day(from)}-${day(to)}.csv`;
}
