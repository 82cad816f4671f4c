import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ownPath } from "../../../web/src/api/own-path.ts";

beforeEach(() => vi.stubGlobal("location", { origin: "https://tideline.test" }));
afterEach(() => vi.unstubAllGlobals());

describe("ownPath", () => {
  it("keeps a path of this app with everything in it", () => {
    expect(ownPath("/chats/1?x=1#end")).toBe("/chats/1?x=1#end");
  });

  it.each([
    undefined,
    "//evil.test",
    "/\\\\evil.test",
    "/\t/evil.test",
    "https://evil.test/",
    "javascript:alert(1)",
    "/.//evil.test",
    "/chats/..//evil.test",
  ])("leads %j to the start page", (path) => {
    expect(ownPath(path)).toBe("/");
  });
});
