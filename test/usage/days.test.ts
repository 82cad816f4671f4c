import { describe, expect, it } from "vitest";
import { isTimeZone, localDays, type LocalDay } from "../../src/usage/days.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Minute by minute, by another way of asking: a day begins with the first minute that the calendar shows it. */
function walkedDays(from: number, to: number, timeZone: string): LocalDay[] {
  const calendar = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" });
  const days: LocalDay[] = [];
  for (let minute = from - 60 * HOUR; minute <= to + 60 * HOUR; minute += MINUTE) {
    const date = calendar.format(minute);
    const last = days.at(-1);
    if (last !== undefined && date <= last.date) continue;
    if (last !== undefined) last.end = minute;
    days.push({ date, start: minute, end: minute });
  }
  return days.filter(({ start, end }) => start < to && end > from);
}

const cases: [zone: string, from: string, to: string, because: string][] = [
  ["UTC", "2026-02-27T00:00:00Z", "2026-03-02T00:00:00Z", "nothing changes"],
  ["Europe/Berlin", "2026-03-27T13:00:00Z", "2026-03-31T02:00:00Z", "23 hours"],
  ["Europe/Berlin", "2026-10-23T13:00:00Z", "2026-10-27T02:00:00Z", "25 hours"],
  ["America/New_York", "2026-10-30T04:00:00Z", "2026-11-03T05:00:00Z", "25 hours"],
  ["America/Sao_Paulo", "2018-11-02T00:00:00Z", "2018-11-06T12:00:00Z", "no midnight on 4 November"],
  ["America/Sao_Paulo", "2018-02-15T00:00:00Z", "2018-02-19T12:00:00Z", "an hour before midnight comes twice"],
  ["Africa/Cairo", "2024-04-24T00:00:00Z", "2024-04-28T00:00:00Z", "no midnight on 26 April"],
  ["Africa/Cairo", "2024-10-29T00:00:00Z", "2024-11-02T00:00:00Z", "an hour before midnight comes twice"],
  ["Asia/Beirut", "2024-03-29T00:00:00Z", "2024-04-02T00:00:00Z", "no midnight on 31 March"],
  ["America/Havana", "2024-03-09T00:00:00Z", "2024-03-12T00:00:00Z", "no midnight on 10 March"],
  ["America/Havana", "2024-11-01T00:00:00Z", "2024-11-05T00:00:00Z", "the hour after midnight comes twice"],
  ["America/St_Johns", "2010-11-05T00:00:00Z", "2010-11-09T00:00:00Z", "back over midnight a minute after it"],
  ["America/St_Johns", "2010-11-07T02:45:00Z", "2010-11-07T03:15:00Z", "begins in the hour that comes again"],
  ["Australia/Lord_Howe", "2026-04-03T00:00:00Z", "2026-04-07T00:00:00Z", "half an hour"],
  ["Asia/Kathmandu", "1985-12-30T00:00:00Z", "1986-01-03T00:00:00Z", "a quarter of an hour, for good"],
  ["Pacific/Apia", "2011-12-27T00:00:00Z", "2012-01-02T00:00:00Z", "30 December never was"],
  ["Pacific/Kwajalein", "1993-08-18T00:00:00Z", "1993-08-25T00:00:00Z", "a day that never was"],
  ["Africa/Casablanca", "2026-02-13T00:00:00Z", "2026-02-17T00:00:00Z", "back in winter"],
  ["Antarctica/Troll", "2026-03-27T00:00:00Z", "2026-03-31T00:00:00Z", "two hours"],
  ["Asia/Tehran", "2022-03-20T00:00:00Z", "2022-03-24T00:00:00Z", "no midnight on 22 March"],
  ["Asia/Amman", "2021-10-27T00:00:00Z", "2021-10-31T00:00:00Z", "the hour after midnight comes twice"],
  ["Etc/GMT+12", "2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z", "as far behind as any"],
  ["Pacific/Kiritimati", "2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z", "as far ahead as any"],
];

describe("localDays", () => {
  it.each(cases)("has the days that %s has from %s to %s: %s", (zone, from, to) => {
    const range = { from: Date.parse(from), to: Date.parse(to) };
    expect(localDays(range, zone)).toEqual(walkedDays(range.from, range.to, zone));
  });

  it("knows a short day, a long one and one that was left out", () => {
    const hours = (zone: string, from: string, to: string) =>
      localDays({ from: Date.parse(from), to: Date.parse(to) }, zone).map(({ date, start, end }) => [
        date,
        (end - start) / HOUR,
      ]);
    expect(hours("Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z")).toEqual([
      ["2026-03-28", 24],
      ["2026-03-29", 23],
      ["2026-03-30", 24],
    ]);
    expect(hours("Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-25T13:00:00Z")).toEqual([["2026-10-25", 25]]);
    expect(hours("Pacific/Apia", "2011-12-30T00:00:00Z", "2011-12-31T00:00:00Z")).toEqual([
      ["2011-12-29", 24],
      ["2011-12-31", 24],
    ]);
  });

  it("follows one another without gaps for ten years in every zone that changes at midnight", () => {
    const range = { from: Date.UTC(2014, 0), to: Date.UTC(2024, 0) };
    for (const zone of ["America/Sao_Paulo", "Africa/Cairo", "Asia/Beirut", "America/Asuncion"]) {
      const days = localDays(range, zone);
      expect(days.length).toBeGreaterThan(3_650);
      for (const [index, day] of days.slice(1).entries()) expect(day.start).toBe(days[index]?.end);
    }
  });

  it("is empty for a range without an instant", () => {
    expect(localDays({ from: 1_000, to: 1_000 }, "UTC")).toEqual([]);
  });
});

describe("isTimeZone", () => {
  it.each(["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5"])("takes %s", (name) => {
    expect(isTimeZone(name)).toBe(true);
  });

  it.each(["Local", "local", "", "+02:00", "Mars/Olympus", "Europe/Berlin ", "💥"])("refuses %j", (name) => {
    expect(isTimeZone(name)).toBe(false);
  });
});
