import { describe, expect, it } from "vitest";
import { newTotpSecret, stepOfCode, toBase32, totpCode, totpUrl } from "../../../src/identity/second-factor/totp.ts";

/** "12345678901234567890", the key of the tables in RFC 4226 and RFC 6238. */
const RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

describe("codes of an authenticator app", () => {
  it.each([
    [59, "94287082"],
    [1_111_111_109, "07081804"],
    [1_111_111_111, "14050471"],
    [1_234_567_890, "89005924"],
    [2_000_000_000, "69279037"],
    [20_000_000_000, "65353130"],
  ])("are those of RFC 6238, appendix B, at %i s", (seconds, code) => {
    expect(totpCode(RFC_SECRET, Math.floor(seconds / 30), 8)).toBe(code);
  });

  it.each(["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"])(
    "are those of RFC 4226, appendix D: %s",
    (code) => {
      const counters = Array.from({ length: 10 }, (_, counter) => totpCode(RFC_SECRET, counter));
      expect(counters).toContain(code);
    },
  );

  it("writes Base32 as RFC 4648 does, without padding", () => {
    const texts = ["", "f", "fo", "foo", "foob", "fooba", "foobar"];
    expect(texts.map((text) => toBase32(Buffer.from(text)))).toEqual([
      "",
      "MY",
      "MZXQ",
      "MZXW6",
      "MZXW6YQ",
      "MZXW6YTB",
      "MZXW6YTBOI",
    ]);
    expect(newTotpSecret()).toMatch(/^[A-Z2-7]{32}$/);
    expect(newTotpSecret()).not.toBe(newTotpSecret());
  });

  it("are taken a step early and late, no further, and not again", () => {
    const now = 1_700_000_010_000;
    const step = Math.floor(now / 30_000);
    const found = [-2, -1, 0, 1, 2].map((off) => stepOfCode(RFC_SECRET, totpCode(RFC_SECRET, step + off), now, 0));
    expect(found).toEqual([null, step - 1, step, step + 1, null]);
    expect(stepOfCode(RFC_SECRET, totpCode(RFC_SECRET, step), now, step)).toBeNull();
    expect(stepOfCode(RFC_SECRET, totpCode(RFC_SECRET, step - 1), now, step)).toBeNull();
    expect(stepOfCode(RFC_SECRET, totpCode(RFC_SECRET, step + 1), now, step)).toBe(step + 1);
  });

  it("are offered in an address that keeps odd names whole", () => {
    expect(totpUrl("ABC", "a:b c@example.com", "Tideline")).toBe(
      "otpauth://totp/Tideline:a%3Ab%20c%40example.com?secret=ABC&issuer=Tideline",
    );
  });
});
