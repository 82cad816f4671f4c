import { describe, expect, it } from "vitest";
import { needsOriginCheck, requireOwnOrigin } from "../../src/platform/origin.ts";

const URL_OF_REQUEST = "https://tideline.example/api/v2/chats";

function request(method: string, headers: Record<string, string> = {}): Request {
  return new Request(URL_OF_REQUEST, { method, headers });
}

describe("needsOriginCheck", () => {
  it.each([
    ["GET", {}, false],
    ["HEAD", {}, false],
    ["POST", {}, true],
    ["PUT", {}, true],
    ["PATCH", {}, true],
    ["DELETE", {}, true],
    ["GET", { upgrade: "WebSocket" }, true],
  ])("%s %o: %s", (method, headers, expected) => {
    expect(needsOriginCheck(request(method, headers))).toBe(expected);
  });
});

describe("requireOwnOrigin", () => {
  it.each([
    ["our own page", { origin: "https://tideline.example" }, undefined, true],
    ["the access URL's page", { origin: "https://team.example" }, "https://team.example/", true],
    ["a script without a cookie", {}, undefined, false],
  ])("lets %s through", (_, headers, accessUrl, cookie) => {
    expect(() => requireOwnOrigin(request("POST", headers), accessUrl, cookie)).not.toThrow();
  });

  it.each([
    ["another site", { origin: "https://evil.example" }, undefined, true],
    ["another site without a cookie, as at sign-in", { origin: "https://evil.example" }, undefined, false],
    ["the same host over http", { origin: "http://tideline.example" }, undefined, true],
    ["another port", { origin: "https://tideline.example:8443" }, undefined, true],
    ["a name that ends like ours", { origin: "https://eviltideline.example" }, undefined, true],
    ["a sandboxed page", { origin: "null" }, undefined, true],
    ["a sandboxed page where the access URL is broken", { origin: "null" }, "not a url", true],
    ["a cookie without an origin", {}, undefined, true],
  ])("refuses %s", (_, headers, accessUrl, cookie) => {
    expect(() => requireOwnOrigin(request("POST", headers), accessUrl, cookie)).toThrow("another site");
  });
});
