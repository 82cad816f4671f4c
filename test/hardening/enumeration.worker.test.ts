import { describe, expect, it } from "vitest";
import { problem } from "../../src/contract/common.ts";
import { getTestApp } from "../support/app.ts";

/* Who has an account is nobody's business who has none. */

const test = await getTestApp();
const { anonymous } = test;
await test.addUser("known");

async function answerTo(path: string, body: object): Promise<{ status: number; text: string }> {
  const response = await anonymous(`/api/v2${path}`, { method: "POST", body });
  const { request_id: _, ...said } = problem.parse(await response.json());
  return { status: response.status, text: JSON.stringify(said) };
}

describe("accounts cannot be told by trying", () => {
  it("to sign in: known, unknown, without a password, of the system", async () => {
    const password = "not the password";
    const expected = await answerTo("/users/login", { login: "nobody", password });
    for (const login of ["ada", "ada@example.com", "known", "known@example.com", "system", "nobody@example.com"]) {
      expect(await answerTo("/users/login", { login, password }), login).toEqual(expected);
    }
  });

  it("to reset a password, or with an invite to a name that is taken", async () => {
    const password = "a long enough password";
    const token = "x".repeat(43);
    const reset = await answerTo("/account-links/reset-password", { token, password });
    expect(reset.status).toBeLessThan(500);
    expect(await answerTo("/account-links/inspect", { token })).toEqual(reset);
    const accept = (username: string) =>
      answerTo("/account-links/accept-invite", { token, username, email: `${username}@example.com`, password });
    expect(await accept("known")).toEqual(await accept("nobody"));
  });

  it("by a member: a person who is there and one who is not are the same 404", async () => {
    const member = await test.addUser("member");
    const other = await test.addUser("other");
    const read = async (path: string) => {
      const response = await member.request(`/api/v2${path}`);
      const { request_id: _, ...said } = problem.parse(await response.json());
      return said;
    };
    for (const end of ["", "/sessions", "/keys/tokens", "/passkeys", "/organizations", "/sign-in-methods"]) {
      const unknown = await read(`/users/nobody-at-all${end}`);
      expect(unknown.status).toBe(404);
      for (const name of [other.userId, other.username, "ada"])
        expect(await read(`/users/${name}${end}`)).toEqual(unknown);
    }
    const chats = async (owner: string) => (await member.request(`/api/v2/chats?owner=${owner}`)).text();
    expect(await chats("ada")).toBe(await chats("nobody-at-all"));
  });
});
