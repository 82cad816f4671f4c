import { describe, expect, it } from "vitest";
import { clientWords } from "../../../web/src/pages/account/client-words.ts";

const webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";

describe("clientWords", () => {
  it.each([
    [`Mozilla/5.0 (X11; Linux x86_64) ${webkit} Chrome/141.0.0.0 Safari/537.36`, "Chrome on Linux"],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/141.0 Safari/537.36 Edg/141.0`, "Edge on Windows"],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:142.0) Gecko/20100101 Firefox/142.0", "Firefox on macOS"],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile/15E148 Safari/604.1",
      "Safari on iPhone",
    ],
    [`Mozilla/5.0 (Linux; Android 15; Pixel 9) ${webkit} Chrome/141.0 Mobile Safari/537.36`, "Chrome on Android"],
    ["curl/8.10.1", "curl"],
    ["", "Unknown program"],
  ])("%s", (userAgent, words) => {
    expect(clientWords(userAgent)).toBe(words);
  });
});
