import { auditActions, auditResourceTypes } from "../../../../src/contract/audit.ts";
import type { AuditSearch } from "../../api/audit-queries.ts";

/** As the controls hold it; "any" narrows nothing. */
export interface AuditFilters {
  words: string;
  person: string;
  action: string;
  kind: string;
  organization: string;
  range: string;
  /** When the range was chosen, in milliseconds: it does not slide while somebody reads. */
  chosenAt: number;
  /** Days of the reader's zone, such as "2026-11-22", of a range of their own; the last one is in it. */
  firstDay: string;
  lastDay: string;
}

export const noFilter: AuditFilters = {
  words: "",
  person: "",
  action: "any",
  kind: "any",
  organization: "any",
  range: "any",
  chosenAt: 0,
  firstDay: "",
  lastDay: "",
};

const DAY_MS = 86_400_000;

/** How far back each goes, in days. */
export const ranges: Readonly<Record<string, { label: string; days: number }>> = {
  day: { label: "Last 24 hours", days: 1 },
  week: { label: "Last 7 days", days: 7 },
  month: { label: "Last 30 days", days: 30 },
};

/** What the server is asked. */
export function searchOf(filters: AuditFilters): AuditSearch {
  const { words, person, action, kind, organization } = filters;
  return {
    q: words.trim() || undefined,
    user: person.trim() || undefined,
    action: auditActions.find((each) => each === action),
    resource_type: auditResourceTypes.find((each) => each === kind),
    organization: organization === "any" ? undefined : organization,
    ...timesOf(filters),
  };
}

export function isNarrowed(filters: AuditFilters): boolean {
  return Object.values(searchOf(filters)).some((value) => value !== undefined);
}

function timesOf({ range, chosenAt, firstDay, lastDay }: AuditFilters): Pick<AuditSearch, "from" | "to"> {
  const preset = ranges[range];
  if (preset !== undefined) return { from: new Date(chosenAt - preset.days * DAY_MS).toISOString() };
  if (range !== "own") return {};
  return { from: beginningOf(firstDay, 0), to: beginningOf(lastDay, 1) };
}

/** The first moment of a day in the reader's zone, or of one some days later; undefined for no day. */
function beginningOf(day: string, later: number): string | undefined {
  const [year, month, date] = day.split("-").map(Number);
  if (year === undefined || month === undefined || date === undefined) return undefined;
  const moment = new Date(year, month - 1, date + later);
  return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString();
}
