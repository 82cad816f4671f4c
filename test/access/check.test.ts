import { describe, expect, it } from "vitest";
import type { Actor } from "../../src/access/actor.ts";
import { check, groundFor, requirePermission, type AccessObject } from "../../src/access/check.ts";
import { actions } from "../../src/access/permissions.ts";
import { actorWith } from "./support.ts";

const member = actorWith({});
const owner = actorWith({ userId: "boss", siteRoles: ["owner", "member"] });
const LETTERS = { create: "c", read: "r", use: "u", update: "w", delete: "d", share: "s" } as const;

/** What of create, read, use, update (w), delete, share is allowed, as letters. */
function allowed(who: Actor, object: AccessObject): string {
  return actions
    .filter((action) => check(who, action, object))
    .map((action) => LETTERS[action])
    .join("");
}

describe("check", () => {
  const ours = { organizationId: "ours" };
  it.each<[AccessObject, string]>([
    [{ type: "chat", ownerId: "me", ...ours }, "cruwds"],
    [{ type: "chat", ownerId: "me", organizationId: "theirs" }, ""],
    [{ type: "chat", ownerId: "me" }, ""],
    [{ type: "chat", ownerId: "other", ...ours }, ""],
    [{ type: "chat", ownerId: null }, ""],
    [{ type: "workspace", ownerId: "me", ...ours }, "cruwds"],
    [{ type: "workspace", ownerId: "other", ...ours }, ""],
    [{ type: "api_key", ownerId: "me" }, "cruwds"],
    [{ type: "usage", ownerId: "me" }, "r"],
    [{ type: "usage", ownerId: "other" }, ""],
    [{ type: "user", ownerId: "me" }, "rw"],
    [{ type: "user", ownerId: "other" }, ""],
    [{ type: "organization", ...ours }, "r"],
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
    expect(allowed(owner, object)).toBe("cruwds");
  });

  it.each<[AccessObject, string]>([
    [{ type: "chat", ...ours, shares: { me: "viewer" } }, "r"],
    [{ type: "chat", ...ours, shares: { me: "collaborator" } }, "ru"],
    [{ type: "chat", ...ours, shares: { ours: "collaborator" } }, "ru"],
    [{ type: "chat", ...ours, shares: { other: "collaborator" } }, ""],
    [{ type: "chat", ...ours, shares: { me: "admin" } }, ""],
    [{ type: "chat", organizationId: "theirs", shares: { me: "collaborator" } }, ""],
    [{ type: "workspace", ...ours, shares: { me: "use" } }, "ru"],
    [{ type: "workspace", ...ours, shares: { me: "admin" } }, "ruws"],
    [{ type: "user", ...ours, shares: { me: "admin" } }, ""],
  ])("somebody with whom it is shared, %o: %s", (object, expected) => {
    expect(allowed(member, { ownerId: "other", ...object })).toBe(expected);
  });

  it("says no without a role or a membership, and to a credential without a scope", () => {
    const mine: AccessObject = { type: "chat", ownerId: "me", ...ours };
    expect(allowed(actorWith({ organizations: {} }), mine)).toBe("");
    expect(allowed(actorWith({ siteRoles: ["owner"], scopes: [] }), mine)).toBe("");
    expect(allowed(actorWith({ siteRoles: ["owner"], scopes: ["workspace:*"] }), mine)).toBe("");
    expect(allowed(actorWith({ siteRoles: ["owner"], scopes: ["*:read", "chat:use"] }), mine)).toBe("ru");
  });

  it("names the nearest reason", () => {
    const theirs: AccessObject = { type: "chat", ownerId: "other", ...ours };
    const boss = actorWith({ userId: "boss", siteRoles: ["owner", "member"], groupIds: ["team"] });
    expect(groundFor(boss, "read", { ...theirs, ownerId: "boss" })).toBe("own");
    expect(groundFor(boss, "read", { ...theirs, shares: { team: "viewer" } })).toBe("shared");
    expect(groundFor(boss, "read", theirs)).toBe("site");
    expect(groundFor(member, "read", theirs)).toBeNull();
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
    expect(status(() => requirePermission(member, "update", { type: "user", ownerId: "me" }))).toBe("allowed");
  });
});
