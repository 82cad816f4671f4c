import { describe, expect, it } from "vitest";
import { externalAuthFailures } from "../../src/contract/external-auth.ts";
import { clockWords, connectFailureWords, deviceStep, someOf } from "../../web/src/pages/external-auth/words.ts";

describe("words about connected accounts", () => {
  it("say what went wrong in a sentence, each in its own", () => {
    const said = externalAuthFailures.map((failure) => connectFailureWords(failure, "GitHub"));
    expect(new Set(said).size).toBe(externalAuthFailures.length);
    for (const sentence of said) expect(sentence).toMatch(/^[A-Z].*\.$/);
  });

  it.each([
    ["authorization_pending", "wait"],
    ["slow_down", "slower"],
    ["expired_token", "expired"],
    ["access_denied", "denied"],
    ["incorrect_client_credentials", "failed"],
    [null, "failed"],
  ])("take %s as %s", (detail, step) => expect(deviceStep(detail)).toBe(step));

  it("count down", () => {
    expect([900, 74.2, 9, -3].map(clockWords)).toEqual(["15:00", "1:15", "0:09", "0:00"]);
  });

  it("name some of many", () => {
    expect(someOf(["acme"])).toBe("acme");
    expect(someOf(["acme", "tideline"])).toBe("acme and tideline");
    expect(someOf(["a", "b", "c", "d"])).toBe("a, b and 2 more");
  });
});
