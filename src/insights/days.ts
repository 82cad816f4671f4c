import { localDays } from "../usage/days.ts";

/** Every time zone's days begin at a multiple of it. */
export const QUARTER_MS = 900_000;

/** How many pull requests came out of chats that were made within a quarter of an hour. */
export interface Quarter {
  /** Counted from 1970. */
  quarter: number;
  prs_created: number;
  prs_merged: number;
  prs_closed: number;
}

export type CountedDay = Omit<Quarter, "quarter"> & { start: number };

/** The same by days of a time zone, in order; those on which there was nothing are left out. */
export function byDay(quarters: readonly Quarter[], timeZone: string): CountedDay[] {
  const instants = quarters.map(({ quarter }) => quarter * QUARTER_MS);
  if (instants.length === 0) return [];
  const days = localDays({ from: Math.min(...instants), to: Math.max(...instants) + 1 }, timeZone);
  const counted = days.map(({ start, end }) => {
    const within = quarters.filter(({ quarter }) => start <= quarter * QUARTER_MS && quarter * QUARTER_MS < end);
    return {
      start,
      prs_created: sum(within.map((each) => each.prs_created)),
      prs_merged: sum(within.map((each) => each.prs_merged)),
      prs_closed: sum(within.map((each) => each.prs_closed)),
    };
  });
  return counted.filter((day) => day.prs_created > 0);
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
