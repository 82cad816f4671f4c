import { describe, expect, it } from "vitest";
import { costWords } from "../../../web/src/usage/cost-amount.tsx";
import { ownUsageSearch, usageRange } from "../../../web/src/pages/usage/usage-search.ts";
import { otherCallsWords, shortTime, usageSentence } from "../../../web/src/pages/usage/usage-words.ts";

const at = (year: number, month: number, day: number) => new Date(year, month - 1, day).getTime();
const now = new Date(2026, 10, 22, 15, 30).getTime();

describe("usageRange", () => {
  it("is whole days of the reader up to and with today, thirty of them by default", () => {
    expect(usageRange({}, now)).toEqual({
      from: at(2026, 10, 24),
      to: at(2026, 11, 23),
      words: "in the last 30 days",
    });
    expect(usageRange({ days: 7 }, now)).toMatchObject({ from: at(2026, 11, 16), to: at(2026, 11, 23) });
  });
  it("is this month from its first day on", () => {
    expect(usageRange({ range: "month" }, now)).toEqual({
      from: at(2026, 11, 1),
      to: at(2026, 11, 23),
      words: "this month",
    });
  });
  it("goes from day to day, the last one with it", () => {
    expect(usageRange({ range: "own", from: "2026-10-25", to: "2026-11-03" }, now)).toEqual({
      from: at(2026, 10, 25),
      to: at(2026, 11, 4),
      words: "from 25 Oct 2026 to 3 Nov 2026",
    });
    expect(usageRange({ range: "own", from: "2026-11-03", to: "2026-11-03" }, now)).toMatchObject({
      from: at(2026, 11, 3),
      to: at(2026, 11, 4),
      words: "on 3 Nov 2026",
    });
  });
  it.each([
    ["ends before it begins", { from: "2026-11-03", to: "2026-11-02" }],
    ["lacks a day", { from: "2026-11-03" }],
    ["is longer than the server answers", { from: "2000-01-01", to: "2026-11-02" }],
    ["lies before there were computers", { from: "1900-01-01", to: "1900-01-02" }],
  ])("is the default one where it %s", (_, dates) => {
    expect(usageRange({ range: "own", ...dates }, now)).toEqual(usageRange({}, now));
  });
});

describe("the address of the page", () => {
  it("leaves out what it does not know", () => {
    expect(ownUsageSearch.parse({ days: 8, range: "year", from: "3.11.2026", chat: "no id" })).toEqual({});
    expect(ownUsageSearch.parse({ days: 90, range: "own", from: "2026-11-03" })).toEqual({
      days: 90,
      range: "own",
      from: "2026-11-03",
    });
  });
});

describe("costWords", () => {
  it.each([
    [{ micros: 0, unpriced: 0 }, "$0.00"],
    [{ micros: 0, unpriced: 2 }, "not priced"],
    [{ micros: 1_230_000, unpriced: 2 }, "$1.23"],
    [{ micros: 1_230_000, unpriced: 0, estimated: 1_000 }, "about $1.23"],
    [{ micros: 9_000, unpriced: 0, estimated: 9_000 }, "about <$0.01"],
  ])("says %j as %s", (cost, words) => expect(costWords(cost)).toBe(words));
});

describe("shortTime", () => {
  it.each([
    [400, "<1 s"],
    [12_400, "12 s"],
    [59_600, "1 min"],
    [1_090_000, "18 min"],
    [3_570_000, "1.0 h"],
    [11_520_000, "3.2 h"],
    [7_200_000_000, "2,000 h"],
  ])("says %i ms as %s", (milliseconds, words) => expect(shortTime(milliseconds)).toBe(words));
});

describe("what the page says", () => {
  const totals = {
    ...{ total_cost_micros: 1_230_000, unpriced_call_count: 0, estimated_cost_micros: 0, message_count: 12 },
    ...{ total_input_tokens: 1, total_output_tokens: 1, total_cache_read_tokens: 0, total_cache_creation_tokens: 0 },
    ...{ total_runtime_ms: 1, priced_message_count: 12, unpriced_message_count: 0, chat_count: 1 },
    ...{ other_call_count: 2, other_call_cost_micros: 40_000, by_model: [], by_chat: [] },
    ...{ start_date: "2026-11-01T00:00:00.000Z", end_date: "2026-11-02T00:00:00.000Z" },
  };
  it("is a sum, a least one where something is not priced, and none where nothing is", () => {
    const says = (part: Partial<typeof totals>) => usageSentence({ ...totals, ...part }, "You", "this month");
    expect(says({})).toBe("You spent $1.23 this month, in 12 messages of 1 chat.");
    expect(says({ estimated_cost_micros: 5 })).toBe("You spent about $1.23 this month, in 12 messages of 1 chat.");
    expect(says({ unpriced_call_count: 1, estimated_cost_micros: 5 })).toMatch(
      /^You spent at least \$1\.23 this month/,
    );
    expect(says({ unpriced_call_count: 1, total_cost_micros: 0 })).toBe(
      "You used 12 messages of 1 chat this month, at a cost that is not known.",
    );
  });
  it("names other calls, and never says that they were free where they could not be priced", () => {
    expect(otherCallsWords(totals)).toBe(
      "2 calls were no messages but titles, summaries of long chats or attempts that failed: they cost $0.04, which is part of the figures.",
    );
    expect(otherCallsWords({ ...totals, other_call_count: 1, other_call_cost_micros: 0, unpriced_call_count: 1 })).toBe(
      "1 call was no message but a title, a summary or an attempt that failed: it could not be priced.",
    );
  });
});
