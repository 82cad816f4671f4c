import { describe, expect, it } from "vitest";
import type { Actor } from "../../src/access/actor.ts";
import { check, requirePermission, type AccessObject } from "../../src/access/check.ts";
import { actions } from "../../src/access/roles.ts";

const actor = (change: Partial<Actor>): Actor => ({
  userId: "me",
  username: "me",
  siteRoles: ["member"],
  organizationIds: ["ours"],
  sessionId: "s",
  keyId: null,
  scopes: ["all"],
  ...change,
});
const member = actor({});
const owner = actor({ userId: "boss", siteRoles: ["owner", "member"] });

/** What of create, read, update, delete is allowed, as letters. */
function allowed(who: Actor, object: AccessObject): string {
  return actions
    .filter((action) => check(who, action, object))
    .map((action) => action.charAt(0))
    .join("");
}

describe("check", () => {
  it.each<[AccessObject, string]>([
    [{ type: "chat", ownerId: "me" }, "crud"],
    [{ type: "chat", ownerId: "other" }, ""],
    [{ type: "chat", ownerId: null }, ""],
    [{ type: "chat", ownerId: "other", organizationId: "ours" }, ""],
    [{ type: "workspace", ownerId: "me" }, "crud"],
    [{ type: "workspace", ownerId: "other" }, ""],
    [{ type: "api_key", ownerId: "me" }, "crud"],
    [{ type: "usage", ownerId: "me" }, "crud"],
    [{ type: "usage", ownerId: "other" }, ""],
    [{ type: "user", ownerId: "me" }, "ru"],
    [{ type: "user", ownerId: "other" }, ""],
    [{ type: "organization", organizationId: "ours" }, "r"],
    [{ type: "organization", organizationId: "theirs" }, ""],
    [{ type: "organization", organizationId: null }, ""],
    [{ type: "deployment_config" }, ""],
  ])("a member on %o: %s", (object, expected) => {
    expect(allowed(member, object)).toBe(expected);
  });

  it.each<AccessObject>([
    { type: "chat", ownerId: "other" },
    { type: "deployment_config" },
    { type: "user", ownerId: "other" },
    { type: "organization", organizationId: "theirs" },
  ])("an owner may do everything: %o", (object) => {
    expect(allowed(owner, object)).toBe("crud");
  });

  it("says no without a role, and to a credential without a scope", () => {
    expect(allowed(actor({ siteRoles: [] }), { type: "chat", ownerId: "me" })).toBe("");
    expect(allowed(actor({ siteRoles: ["owner"], scopes: [] }), { type: "chat", ownerId: "me" })).toBe("");
  });
});

describe("requirePermission", () => {
  const status = (act: () => void): unknown => {
    try {
      act();
    } catch (error) {
      return error;
    }
    return "allowed";
  };

  it("is a 404 on what the actor may not read, so that ids cannot be probed", () => {
    expect(status(() => requirePermission(member, "update", { type: "chat", ownerId: "other" }))).toMatchObject({
      status: 404,
    });
    expect(status(() => requirePermission(member, "read", { type: "chat", ownerId: null }))).toMatchObject({
      status: 404,
    });
  });

  it("is a 403 on what the actor may read or knows to exist", () => {
    expect(status(() => requirePermission(member, "delete", { type: "user", ownerId: "me" }))).toMatchObject({
      status: 403,
    });
    expect(status(() => requirePermission(member, "read", { type: "deployment_config" }))).toMatchObject({
      status: 403,
    });
    expect(status(() => requirePermission(member, "create", { type: "chat", ownerId: "other" }))).toMatchObject({
      status: 403,
    });
  });

  it("is silent on what is allowed", () => {
    expect(status(() => requirePermission(member, "update", { type: "chat", ownerId: "me" }))).toBe("allowed");
  });
});
