import type { Context } from "hono";
import { z } from "zod";
import { filter } from "../access/filter.ts";
import { requireActor, type AppEnv } from "../access/router.ts";
import { chatColumns } from "../chats/shares.ts";
import { id } from "../contract/common.ts";
import { readModelNames } from "../models/names.ts";
import { toWireTime } from "../platform/clock.ts";
import { isTimeZone, localDays } from "./days.ts";
import { formatField } from "./formats.ts";
import { rangeFields, type Range } from "./ranges.ts";
import { CHATS_OF_SUMMARY, readDays, readSummary, type UsageSummary } from "./records.ts";
import type { UsageScope } from "./scope.ts";

/** What routes about one person and routes about many ask alike. */

/** More than anybody opens in a table; it is the dearest that are there. */
const CHATS_OF_FILE = 10_000;

export const organizationField = id.optional().meta({ description: "Only what was spent in this organisation." });

export const modelField = id.optional().meta({ description: "Only calls of this model." });
export const chatField = id.optional().meta({ description: "Only this chat with its sub-agents." });

export const summaryFields = {
  ...rangeFields,
  organization_id: organizationField,
  model_config_id: modelField,
  breakdown: z
    .enum(["model", "chat"])
    .default("model")
    .meta({ description: `What the lines of a CSV are: models, or the dearest ${CHATS_OF_FILE} chats.` }),
  format: formatField,
};

export const dailyFields = {
  ...rangeFields,
  organization_id: organizationField,
  model_config_id: modelField,
  timezone: z
    .string()
    .max(100)
    .default("UTC")
    .refine(isTimeZone, { error: "Give the name of a time zone, such as Europe/Berlin." })
    .meta({ description: "Whose days: the name of an IANA time zone." }),
  format: formatField,
};

/** A summary; of a file all of its lines. */
export function summaryOf(c: Context<AppEnv>, scope: UsageScope, range: Range, isFile: boolean): Promise<UsageSummary> {
  const actor = requireActor(c);
  const readableChats = filter(actor, "read", "chat", chatColumns);
  const question = { scope, range, readableChats, chats: isFile ? CHATS_OF_FILE : CHATS_OF_SUMMARY };
  return readSummary(c.var.db, question, readModelNames(c.var.db, c.env, c.var.clock));
}

export async function daysOf(c: Context<AppEnv>, scope: UsageScope, range: Range, timezone: string) {
  return readDays(c.var.db, scope, range, localDays(range, timezone));
}

export function rangeOnWire({ from, to }: Range): { start_date: string; end_date: string } {
  return { start_date: toWireTime(from), end_date: toWireTime(to) };
}
