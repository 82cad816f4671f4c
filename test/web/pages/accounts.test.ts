import { describe, expect, it } from "vitest";
import { siteRoles, type AssignableSiteRole, type SiteRole } from "../../../src/contract/identity.ts";
import { isNarrowed, noFilter, searchOf } from "../../../web/src/pages/users/account-search.ts";
import { hasSway, roleWords } from "../../../web/src/pages/users/account-words.ts";

function rolesFor(...assignable: SiteRole[]): AssignableSiteRole[] {
  return siteRoles.map((name) => ({
    name,
    display_name: name.toUpperCase(),
    description: "",
    assignable: assignable.includes(name),
  }));
}

describe("accounts on their page", () => {
  it("offers changes only to accounts whose every role the person could give", () => {
    const userAdmin = rolesFor("member");
    expect(hasSway(["member"], userAdmin)).toBe(true);
    expect(hasSway(["owner", "member"], userAdmin)).toBe(false);
    expect(hasSway(["member", "user-admin"], userAdmin)).toBe(false);
    expect(hasSway(["owner", "member"], rolesFor(...siteRoles))).toBe(true);
    // Nothing is offered before the roles are known.
    expect(hasSway(["member"], [])).toBe(false);
  });

  it("names the roles beyond what everybody has", () => {
    const roles = rolesFor();
    expect(roleWords(["member"], roles)).toBe("MEMBER");
    expect(roleWords(["member", "auditor", "user-admin"], roles)).toBe("AUDITOR, USER-ADMIN");
    expect(roleWords(["auditor"], [])).toBe("auditor");
  });

  it("asks the server only for what narrows the list", () => {
    expect(isNarrowed(noFilter)).toBe(false);
    expect(isNarrowed({ ...noFilter, words: "   " })).toBe(false);
    expect(searchOf({ words: " ada ", status: "dormant", role: "auditor", kind: "people" })).toEqual({
      q: "ada",
      status: "dormant",
      role: "auditor",
      service_account: false,
    });
    expect(searchOf({ ...noFilter, kind: "service" })).toMatchObject({ service_account: true, status: undefined });
  });
});
