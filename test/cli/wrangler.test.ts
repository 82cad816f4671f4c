import { describe, expect, it } from "vitest";
import { complaint, wranglerEnvironment } from "../../src/cli/wrangler.ts";

describe("complaint", () => {
  it("is what went wrong, without colours, rules and where wrangler keeps its logs", () => {
    const stderr =
      '\u001b[31m✘ \u001b[41;31m[\u001b[41;97mERROR\u001b[41;31m]\u001b[0m \u001b[1mnear "creat": syntax error\u001b[0m\n\n\n🪵  Logs were written to "/home/ada/.config/.wrangler/logs/x.log"\n';
    const stdout = " ⛅️ wrangler 4.155.0 (update available 4.164.0)\n───────────────\nMigrations to be applied:\n";
    expect(complaint({ code: 1, stdout, stderr })).toBe('✘ [ERROR] near "creat": syntax error');
  });

  it("is the last lines where nothing is called an error", () => {
    const stdout = Array.from({ length: 10 }, (_, index) => `line ${index}`).join("\n");
    expect(complaint({ code: 1, stdout, stderr: "" })).toBe("line 4\nline 5\nline 6\nline 7\nline 8\nline 9");
  });
});

describe("wrangler's environment", () => {
  it("keeps the account and sends nothing home", () => {
    expect(wranglerEnvironment({ CLOUDFLARE_API_TOKEN: "t" })).toMatchObject({
      CLOUDFLARE_API_TOKEN: "t",
      WRANGLER_SEND_METRICS: "false",
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
    });
  });
});
