import { DrizzleQueryError } from "drizzle-orm/errors";
import { describe, expect, it } from "vitest";
import { isTransient } from "../../src/platform/transient.ts";

describe("isTransient", () => {
  it.each([
    ["D1's words", new Error("D1_ERROR: Network connection lost.")],
    ["an overloaded database", new Error("D1_ERROR: D1 DB is overloaded. Requests queued for too long.")],
    ["a mark", Object.assign(new Error("Reset"), { retryable: true })],
    ["an overload", Object.assign(new Error("Busy"), { overloaded: true, remote: true })],
    ["a cause", new DrizzleQueryError("select 1", [], new Error("D1_ERROR: Network connection lost."))],
  ])("knows %s", (_, error) => {
    expect(isTransient(error)).toBe(true);
  });

  it("takes nothing else for it, and ends on errors that cause themselves", () => {
    const loop = new Error("D1_ERROR: UNIQUE constraint failed");
    loop.cause = loop;
    for (const error of [loop, new TypeError("x is undefined"), "Network connection lost", null, { retryable: true }]) {
      expect(isTransient(error)).toBe(false);
    }
  });
});
