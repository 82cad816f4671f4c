import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { sameText, seal, sha256Hex, unseal } from "../../src/platform/sealing.ts";

const KEY = "a key of thirty-two bytes or more";

describe("seal", () => {
  it("gives back every text, long ones too", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), async (text) => {
        expect(await unseal(await seal(text, KEY), KEY)).toBe(text);
      }),
      { numRuns: 50 },
    );
    const long = "x".repeat(500_000);
    expect(await unseal(await seal(long, KEY), KEY)).toBe(long);
  });

  it("shows nothing of the text and never repeats itself", async () => {
    const [first, second] = [await seal("sk-ant-secret", KEY), await seal("sk-ant-secret", KEY)];
    expect(first).toMatch(/^v1\./);
    expect(first).not.toContain("secret");
    expect(first).not.toBe(second);
  });

  it("opens with nothing but the key that closed it", async () => {
    const sealed = await seal("secret", KEY);
    await expect(unseal(sealed, `${KEY}!`)).rejects.toThrow();
  });

  it("notices an altered text", async () => {
    const sealed = await seal("secret", KEY);
    const body = sealed.lastIndexOf(".") + 1;
    const other = sealed.charAt(body) === "A" ? "B" : "A";
    await expect(unseal(`${sealed.slice(0, body)}${other}${sealed.slice(body + 1)}`, KEY)).rejects.toThrow();
    await expect(unseal("secret", KEY)).rejects.toThrow("Not a sealed text");
    await expect(unseal("v1.abcd", KEY)).rejects.toThrow("Not a sealed text");
  });
});

describe("sameText", () => {
  it("compares texts of any length", () => {
    expect(sameText("abc", "abc")).toBe(true);
    expect(sameText("abc", "abd")).toBe(false);
    expect(sameText("abc", "abcd")).toBe(false);
    expect(sameText("", "a")).toBe(false);
  });
});

describe("sha256Hex", () => {
  it("is the digest of FIPS 180-4's example", () => {
    expect(sha256Hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });
});
