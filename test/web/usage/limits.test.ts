import { describe, expect, it } from "vitest";
import type { UsageLimitStatus } from "../../../src/contract/usage.ts";
import { amountText, readAmount } from "../../../web/src/usage/amount.ts";
import { isLimited, limitLevel, noticeKey } from "../../../web/src/usage/limit-words.ts";

function limited(current_spend: number) {
  const status: UsageLimitStatus = {
    is_limited: true,
    period: "month",
    source: "default",
    spend_limit_micros: 1_000,
    current_spend,
    reserved_micros: 0,
    period_start: "2026-11-01T00:00:00.000Z",
    period_end: "2026-12-01T00:00:00.000Z",
  };
  if (!isLimited(status)) throw new Error("It limits.");
  return status;
}

describe("an amount that somebody writes", () => {
  it.each([
    ["12", 12_000_000],
    ["12.5", 12_500_000],
    ["$1,000.25", 1_000_250_000],
    [" $ 0.000001 ", 1],
    ["0", 0],
  ])("%j is %d micro-dollars", (text, micros) => {
    expect(readAmount(text)).toBe(micros);
  });

  it.each(["", "twelve", "-1", "1.2.3", "1e3", "0.0000001", "1234567890", "€5"])("%j is none", (text) => {
    expect(readAmount(text)).toBeNull();
  });

  it("is shown as it is read again, with cents at least", () => {
    for (const micros of [1, 10_000, 12_500_000, 1_000_000, 999_999_999_999_999, 123_456]) {
      expect(readAmount(amountText(micros))).toBe(micros);
    }
    expect([12_500_000, 1_000_000, 1, 120_000].map(amountText)).toEqual(["12.50", "1.00", "0.000001", "0.12"]);
  });
});

describe("a limit", () => {
  it("is worth a word from 85 %, and another when all of it is spent", () => {
    expect([0, 849, 850, 999, 1_000, 1_400].map((spent) => limitLevel(limited(spent)))).toEqual([
      "calm",
      "calm",
      "near",
      "near",
      "reached",
      "reached",
    ]);
  });

  it("is told of once for each period and level", () => {
    expect(noticeKey(limited(860))).toBe(noticeKey(limited(900)));
    expect(noticeKey(limited(860))).not.toBe(noticeKey(limited(1_000)));
    expect(noticeKey(limited(860))).not.toBe(noticeKey({ ...limited(860), period_start: "2026-12-01T00:00:00.000Z" }));
  });

  it("is none while limits are off", () => {
    expect(isLimited(undefined)).toBe(false);
    const off = { is_limited: false, current_spend: 0, reserved_micros: 0, period_start: null, period_end: null };
    expect(isLimited(off)).toBe(false);
  });
});
