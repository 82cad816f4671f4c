import { describe, expect, it } from "vitest";
import type { OutsideIdentity } from "../../../src/identity/outside/identity.ts";
import { judge, type Known, type Verdict } from "../../../src/identity/outside/matching.ts";

const ada: OutsideIdentity = {
  way: "oidc",
  issuer: "https://id.example.org",
  subject: "1",
  email: "ada@example.org",
  emailVerified: true,
  name: "Ada",
  login: "ada",
};
const unverified = { ...ada, emailVerified: false };
const open = { allowSignups: true, emailDomains: [] };
const closed = { ...open, allowSignups: false };
const nobody: Known = { linked: undefined, sameEmail: undefined };

type SameEmail = NonNullable<Known["sameEmail"]>;
function has(change: Partial<SameEmail>): Known {
  return {
    linked: undefined,
    sameEmail: { id: "here", status: "active", loginType: "oidc", isTaken: false, ...change },
  };
}
function linked(status: SameEmail["status"], sameEmail?: Partial<SameEmail>): Known {
  return { ...(sameEmail === undefined ? nobody : has(sameEmail)), linked: { id: "linked", status } };
}
const refused = (failure: string) => ({ verdict: "refuse", failure });

describe("who somebody from a provider is here", () => {
  it.each<[string, OutsideIdentity, Known, typeof open, Verdict | object]>([
    ["new", ada, nobody, open, { verdict: "create" }],
    ["new, but nobody new is let in", ada, nobody, closed, refused("signups_off")],
    ["new, with an unchecked address", unverified, nobody, open, refused("email_unverified")],
    ["new, without an address", { ...ada, email: "" }, nobody, open, refused("email_unverified")],
    ["known by the link", ada, linked("active"), closed, { verdict: "sign_in", userId: "linked" }],
    [
      "known by the link, address unchecked",
      unverified,
      linked("active"),
      open,
      { verdict: "sign_in", userId: "linked" },
    ],
    ["known by the link, dormant", ada, linked("dormant"), open, { verdict: "sign_in", userId: "linked" }],
    ["known by the link, suspended", ada, linked("suspended"), open, refused("suspended")],
    [
      "linked to one account, with the address of another: the link decides",
      ada,
      linked("active", { loginType: "password" }),
      open,
      { verdict: "sign_in", userId: "linked" },
    ],
    ["of an account made for this way", ada, has({}), closed, { verdict: "adopt", userId: "here" }],
    ["of such an account, unchecked", unverified, has({}), open, refused("email_unverified")],
    ["of such an account, suspended", ada, has({ status: "suspended" }), open, refused("suspended")],
    ["of such an account that somebody has been in", ada, has({ isTaken: true }), open, refused("already_linked")],
    ["of an account with a password", ada, has({ loginType: "password" }), open, refused("uses_password")],
    ["of an account of GitHub", ada, has({ loginType: "github" }), open, refused("uses_other_way")],
    ["of an account that nobody signs in to", ada, has({ loginType: "none" }), open, refused("uses_other_way")],
    ["of an account of tokens", ada, has({ loginType: "token" }), open, refused("uses_other_way")],
  ])("%s", (_, identity, known, rules, verdict) => {
    expect(judge(identity, known, rules)).toEqual(verdict);
  });

  it.each([
    ["ada@example.org", true],
    ["ada@EXAMPLE.ORG", true],
    ["ada@example.net@example.org", true],
    ["ada@sub.example.org", false],
    ["ada@badexample.org", false],
    ["ada@example.org.evil.net", false],
    ["example.org@evil.net", false],
    ["", false],
  ])("asks for a domain that is let in, of strangers and of the linked: %s", (email, letIn) => {
    const rules = { ...open, emailDomains: ["example.org"] };
    for (const known of [nobody, linked("active")]) {
      expect(judge({ ...ada, email }, known, rules).verdict).toBe(
        letIn ? (known === nobody ? "create" : "sign_in") : "refuse",
      );
    }
    expect(judge({ ...ada, email, emailVerified: false }, linked("active"), rules).verdict).toBe("refuse");
  });
});
