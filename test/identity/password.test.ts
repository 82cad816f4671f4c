import { describe, expect, it } from "vitest";
import { hashPassword, verifyPassword, type DeriveKey } from "../../src/identity/password.ts";

/** Costs nothing and notes what was asked for. */
function countingDerive() {
  const costs: object[] = [];
  const derive: DeriveKey = async (password, salt, cost) => {
    costs.push(cost);
    return Buffer.from(`${password}/${salt.toString("hex")}`);
  };
  return { derive, costs };
}

describe("passwords", () => {
  it("are recognised by their hash alone", async () => {
    const stored = await hashPassword("correct horse battery");
    expect(stored).toMatch(/^scrypt\$16384\$8\$5\$/);
    expect(stored).not.toContain("correct");
    expect(await verifyPassword("correct horse battery", stored)).toBe(true);
    expect(await verifyPassword("correct horse batterY", stored)).toBe(false);
    expect(await verifyPassword("", stored)).toBe(false);
  });

  it("have a salt of their own", async () => {
    const { derive } = countingDerive();
    expect(await hashPassword("same", derive)).not.toBe(await hashPassword("same", derive));
  });

  it("are the same however their accents were typed", async () => {
    const stored = await hashPassword("caf\u00e9 caf\u00e9 caf\u00e9");
    expect(await verifyPassword("cafe\u0301 cafe\u0301 cafe\u0301", stored)).toBe(true);
  });

  it("count to their last character, past 72 bytes", async () => {
    const stored = await hashPassword(`${"x".repeat(150)}a`);
    expect(await verifyPassword(`${"x".repeat(150)}b`, stored)).toBe(false);
  });

  it("cost an unknown user the same derivation as a known one", async () => {
    const { derive, costs } = countingDerive();
    const stored = await hashPassword("known", derive);
    const known = await verifyPassword("wrong", stored, derive);
    const unknown = await verifyPassword("wrong", null, derive);
    expect([known, unknown]).toEqual([false, false]);
    expect(costs).toHaveLength(3);
    expect(costs[2]).toEqual(costs[1]);
  });

  it("keep working when the cost is raised", async () => {
    const { derive, costs } = countingDerive();
    const old = `scrypt$1024$8$1$${Buffer.from("salt").toString("base64")}$${Buffer.from("old/73616c74").toString("base64")}`;
    expect(await verifyPassword("old", old, derive)).toBe(true);
    expect(costs).toEqual([{ n: 1024, r: 8, p: 1 }]);
  });

  it("are never accepted by a hash of another kind", async () => {
    await expect(verifyPassword("x", "md5$abc")).rejects.toThrow("Unknown password hash");
  });
});
