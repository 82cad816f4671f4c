import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { originWithoutCredentials } from "../../src/contract/git-origin.ts";

describe("originWithoutCredentials", () => {
  it.each([
    ["https://github.com/acme/app.git", "https://github.com/acme/app.git"],
    ["https://ada:secret@github.com/acme/app.git", "https://github.com/acme/app.git"],
    ["https://secret@github.com/acme/app", "https://github.com/acme/app"],
    ["https://ada:se@cret@github.com/acme/app", "https://github.com/acme/app"],
    ["HTTPS://ada:secret@github.com:8443/acme/app", "HTTPS://github.com:8443/acme/app"],
    ["https://github.com/acme/app?private_token=secret#secret", "https://github.com/acme/app"],
    ["ssh://git:secret@github.com:22/acme/app", "ssh://git@github.com:22/acme/app"],
    ["git@github.com:acme/app.git", "git@github.com:acme/app.git"],
    ["/srv/git/app.git", "/srv/git/app.git"],
    [" https://github.com/acme/app\n", "https://github.com/acme/app"],
    ["https://ada:se/cret@github.com/acme/app", ""],
    ["https://github.com/acme/app\nsecret", ""],
    ["", ""],
  ])("makes of %j %j", (given, expected) => {
    expect(originWithoutCredentials(given)).toBe(expected);
  });

  it("leaves no password in any address, and nothing to take away the second time", () => {
    const secret = fc.string({ minLength: 8, maxLength: 20 }).filter((text) => !/[\s]/.test(text));
    fc.assert(
      fc.property(secret, fc.constantFrom("https", "http", "ssh", "git+ssh"), (password, scheme) => {
        const stripped = originWithoutCredentials(`${scheme}://user:${password}@host.example/owner/name`);
        expect(stripped.includes(password)).toBe(false);
        expect(originWithoutCredentials(stripped)).toBe(stripped);
      }),
    );
  });
});
