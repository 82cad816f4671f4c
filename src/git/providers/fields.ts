import { z } from "zod";

/** Fields that the providers write alike. */

export const maybeText = z.string().nullish();
export const maybeCount = z.int().nonnegative().nullish();

/** Integer milliseconds; null for what is no time. */
export function toInstant(text: string | null | undefined): number | null {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? null : time;
}

/** A title without what marks it as a draft: that is said apart. */
export function withoutDraftMark(title: string): string {
  const rest = title.replace(/^\s*(?:\[(?:draft|wip)\]|\((?:draft|wip)\)|(?:draft|wip):)\s*/i, "");
  return rest === "" ? title : rest;
}

/** Whether two names of repositories are one: services do not tell upper from lower case. */
export function sameName(a: string | null | undefined, b: string | null | undefined): boolean {
  return a != null && b != null && a.toLowerCase() === b.toLowerCase();
}
