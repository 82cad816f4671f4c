import { describe, expect, it } from "vitest";
import { emptyTimeline } from "../../../src/contract/timeline.ts";
import { partialString } from "../../../web/src/chat/partial-args.ts";
import { safeHref } from "../../../web/src/chat/safe-href.ts";
import { isSendKey } from "../../../web/src/chat/send-key.ts";
import { contextFill, explainError, retryWords, statusWords } from "../../../web/src/chat/status-words.ts";
import { terminalText } from "../../../web/src/chat/terminal-text.ts";
import { count, duration } from "../../../web/src/chat/words.ts";

describe("duration", () => {
  it.each([
    [0, "<0.1 s"],
    [420, "0.4 s"],
    [9_949, "9.9 s"],
    [9_960, "10 s"],
    [59_400, "59 s"],
    [59_600, "1 min 00 s"],
    [125_000, "2 min 05 s"],
    [3_720_000, "1 h 02 min"],
  ])("says %i ms as %s", (ms, words) => {
    expect(duration(ms)).toBe(words);
  });
});

describe("count", () => {
  it.each([
    [999, "999"],
    [1_000, "1k"],
    [3_412, "3.4k"],
    [128_000, "128k"],
    [999_499, "999k"],
    [1_000_000, "1M"],
  ])("says %i as %s", (value, words) => {
    expect(count(value)).toBe(words);
  });
});

describe("statusWords", () => {
  const at = Date.parse("2026-01-01T00:00:10.000Z");
  it.each([
    ["waiting", "still", "Ready"],
    ["pending", "moving", "Starting…"],
    ["running", "moving", "Working · 12 s"],
    ["interrupting", "moving", "Stopping…"],
    ["requires_action", "waiting", "Waiting for you"],
  ] as const)("says %s", (status, tide, words) => {
    expect(statusWords({ ...emptyTimeline(), status }, at - 12_300, at)).toEqual({ tide, words });
  });
  it("counts a retry down", () => {
    const retry = {
      attempt: 2,
      delay_ms: 4_000,
      retrying_at: "2026-01-01T00:00:13.500Z",
      error: "Rate limit reached (429).",
    };
    expect(statusWords({ ...emptyTimeline(), status: "running", retry }, at, at).words).toBe(
      "Retrying in 4 s (rate limit)",
    );
    expect(statusWords({ ...emptyTimeline(), status: "running", retry }, at, at + 9_000).words).toBe(
      "Retrying (rate limit)",
    );
  });
  it("says a retry in whole sentences", () => {
    const retry = { attempt: 2, delay_ms: 4_000, retrying_at: "2026-01-01T00:00:13.500Z", error: "It is overloaded." };
    expect(retryWords(retry, at)).toEqual({ reason: "It is overloaded", when: "Trying again in 4 s (retry 2)." });
    expect(retryWords({ ...retry, error: "" }, at + 5_000)).toEqual({
      reason: "The provider did not answer",
      when: "Trying again now (retry 2).",
    });
  });
  it("says an error and what to do about it", () => {
    const detail = {
      kind: "auth" as const,
      provider: "anthropic",
      status: 401,
      retryable: false,
      message: "invalid x-api-key",
    };
    const timeline = {
      ...emptyTimeline(),
      status: "error" as const,
      lastError: "invalid x-api-key",
      lastErrorDetail: detail,
    };
    expect(statusWords(timeline, null, at)).toEqual({ tide: "failed", words: "The provider refused the key" });
    expect(explainError(detail, null)).toMatchObject({ detail: "invalid x-api-key", settings: "providers" });
    expect(explainError(null, "It broke.")).toMatchObject({ title: "The turn failed", detail: "It broke." });
  });
});

describe("contextFill", () => {
  const usage = {
    context_tokens: 8_000,
    context_limit: 32_000,
    compression_threshold: 70,
    total_cost_micros: 0,
    unpriced_calls: 0,
    last: null,
  };
  it("is a share, at most the whole, and null while unknown", () => {
    expect(contextFill({ ...emptyTimeline(), usage })).toBe(0.25);
    expect(contextFill({ ...emptyTimeline(), usage: { ...usage, context_tokens: 40_000 } })).toBe(1);
    expect(contextFill({ ...emptyTimeline(), usage: { ...usage, context_limit: null } })).toBeNull();
    expect(contextFill(emptyTimeline())).toBeNull();
  });
});

describe("terminalText", () => {
  const esc = "\u001b";
  it.each([
    ["plain text\n", "plain text\n"],
    [`${esc}[31mred${esc}[0m and ${esc}[1;38;5;208mbold${esc}[m`, "red and bold"],
    [`${esc}]0;title\u0007shown ${esc}]8;;https://x.y${esc}\\link${esc}]8;;${esc}\\`, "shown link"],
    ["10%\r50%\r100%\ndone", "100%\ndone"],
    ["long line\rshort", "shortline"],
    ["a\r\nb\r\n", "a\nb\n"],
    ["abc\b\bX", "aXc"],
    [`cut${esc}[3`, "cut"],
    ["\u0000bell\u0007", "bell"],
  ])("shows %j as %j", (raw, shown) => {
    expect(terminalText(raw)).toBe(shown);
  });
});

describe("partialString", () => {
  it.each([
    ['{"comm', null],
    ['{"command":"', ""],
    ['{"command": "npm te', "npm te"],
    ['{"command":"echo \\"a', 'echo "a'],
    ['{"command":"a\\nb\\', "a\nb"],
    ['{"command":"\\u00e', ""],
    ['{"command":"\\u00e9', "é"],
    ['{"command":"done","x":1}', "done"],
  ])("reads %j as %j", (json, value) => {
    expect(partialString(json, "command")).toBe(value);
  });
});

describe("safeHref", () => {
  it.each(["https://a.b/c", "http://a.b", "mailto:a@b.c"])("keeps %s", (href) => {
    expect(safeHref(href)).toBe(href);
  });
  it.each([
    "javascript:alert(1)",
    "JAVASCRIPT:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "/relative",
    "//a.b",
    " javascript:x",
    undefined,
  ])("refuses %s", (href) => {
    expect(safeHref(href)).toBeNull();
  });
});

describe("isSendKey", () => {
  const enter = { key: "Enter", shiftKey: false, altKey: false, isComposing: false, keyCode: 13 };
  it("is Enter alone", () => {
    expect(isSendKey(enter)).toBe(true);
    expect(isSendKey({ ...enter, key: "a" })).toBe(false);
  });
  it.each([{ shiftKey: true }, { altKey: true }, { isComposing: true }, { keyCode: 229 }])(
    "is not with %j",
    (change) => {
      expect(isSendKey({ ...enter, ...change })).toBe(false);
    },
  );
});
