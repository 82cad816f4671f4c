import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { waitAfterAnswer } from "../../../src/git/sync/schedule.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = 1_800_000_000_000;

function wait(chat: { reported: number; worked: number; any?: boolean; anyOpen?: boolean }): number {
  const { reported, worked, any = false, anyOpen = false } = chat;
  return waitAfterAnswer(NOW, { reportedAt: NOW - reported, workedAt: NOW - worked, any: any || anyOpen, anyOpen });
}

describe("how long an answer is good for", () => {
  it.each([
    ["a branch that has just been reported", { reported: 10 * SECOND, worked: 0 }, 15 * SECOND],
    ["one that was reported two minutes ago", { reported: 2 * MINUTE, worked: MINUTE }, 2 * MINUTE],
    ["one without a pull request for ten minutes", { reported: 10 * MINUTE, worked: 10 * MINUTE }, 5 * MINUTE],
    ["one without a pull request for hours", { reported: 5 * HOUR, worked: 5 * HOUR }, 10 * MINUTE],
    ["one without a pull request, left for a day", { reported: DAY, worked: DAY }, HOUR],
    ["one without a pull request, left for a week", { reported: 7 * DAY, worked: 7 * DAY }, 6 * HOUR],
    ["an open pull request", { reported: 10 * SECOND, worked: 0, anyOpen: true }, 2 * MINUTE],
    ["an open pull request, hours later", { reported: 5 * HOUR, worked: 5 * HOUR, anyOpen: true }, 2 * MINUTE],
    ["an open pull request, days later", { reported: 3 * DAY, worked: 3 * DAY, anyOpen: true }, 10 * MINUTE],
    ["an open pull request, weeks later", { reported: 20 * DAY, worked: 20 * DAY, anyOpen: true }, HOUR],
    ["a merged pull request", { reported: HOUR, worked: MINUTE, any: true }, 2 * MINUTE],
    ["a merged pull request, left for a day", { reported: 2 * DAY, worked: DAY, any: true }, 6 * HOUR],
    ["a merged pull request, left for months", { reported: 90 * DAY, worked: 90 * DAY, any: true }, 7 * DAY],
    ["a merged pull request in a chat that works again", { reported: 9 * DAY, worked: 0, any: true }, 2 * MINUTE],
  ])("%s", (_, chat, expected) => {
    expect(wait(chat)).toBe(expected);
  });

  it("never grows shorter by waiting alone, and is always between 15 s and a week", () => {
    const age = fc.integer({ min: 0, max: 400 * DAY });
    fc.assert(
      fc.property(age, age, fc.boolean(), fc.boolean(), (idle, more, any, anyOpen) => {
        const before = wait({ reported: idle, worked: idle, any, anyOpen });
        const after = wait({ reported: idle + more, worked: idle + more, any, anyOpen });
        expect(after).toBeGreaterThanOrEqual(before);
        expect(before).toBeGreaterThanOrEqual(15 * SECOND);
        expect(after).toBeLessThanOrEqual(7 * DAY);
      }),
    );
  });
});
