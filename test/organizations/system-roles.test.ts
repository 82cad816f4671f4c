import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Permission } from "../../src/access/permissions.ts";
import { systemRolePermissions, systemRoles } from "../../src/access/roles.ts";
import { shareableWorkspaceOwners } from "../../src/contract/organizations.ts";
import { askedMode, whyNotShareable } from "../../src/organizations/sharing-mode.ts";
import { desiredSystemRoles, driftOf, samePermissions } from "../../src/organizations/system-roles.ts";

describe("what a system role holds under a sharing mode", () => {
  const floor = ["organization:read"];
  const own = ["chat:*", "workspace:*", "organization_member:read"];
  const noSharing = "not workspace:share";
  const members = "organization_member:read";
  const groups = "group:read";

  it.each([
    ["organization-member", "none", [...floor, noSharing], [...own, noSharing]],
    ["organization-member", "everyone", [...floor, members, groups], own],
    ["organization-member", "service_accounts", [...floor, members], [...own, noSharing]],
    ["organization-service-account", "none", [...floor, noSharing], own],
    ["organization-service-account", "everyone", [...floor, members, groups], own],
    ["organization-service-account", "service_accounts", [...floor, members, groups], own],
  ] as const)("%s, %s", (role, mode, organization, member) => {
    const held = systemRolePermissions(role, mode);
    expect(words(held.organization)).toEqual(new Set(organization));
    expect(words(held.member)).toEqual(new Set(member));
  });

  it("is asked for both kinds of account", () => {
    for (const mode of shareableWorkspaceOwners)
      expect(desiredSystemRoles(mode).map(({ name }) => name)).toEqual([...systemRoles]);
  });
});

function words(permissions: readonly Permission[]): Set<string> {
  return new Set(
    permissions.flatMap(({ resource, actions, negate }) =>
      (actions === "*" ? ["*"] : actions).map((action) => `${negate ? "not " : ""}${resource}:${action}`),
    ),
  );
}

const permission: fc.Arbitrary<Permission> = fc.record({
  resource: fc.constantFrom("chat", "workspace", "*"),
  actions: fc.oneof(
    fc.constant<"*">("*"),
    fc.array(fc.constantFrom("read", "use", "share"), { minLength: 1, maxLength: 3 }),
  ),
  negate: fc.boolean(),
});

describe("samePermissions", () => {
  it("takes no notice of order, repeats or how actions are grouped", () => {
    fc.assert(
      fc.property(fc.array(permission, { maxLength: 6 }), fc.nat(), (permissions, seed) => {
        const scattered = permissions
          .flatMap((one): Permission[] =>
            one.actions === "*" ? [one] : one.actions.map((action) => ({ ...one, actions: [action] })),
          )
          .map((one, index) => ({ one, at: ((index + 1) * (seed + 7919)) % 101 }))
          .toSorted((left, right) => left.at - right.at)
          .map(({ one }) => one);
        expect(samePermissions(permissions, [...scattered, ...permissions])).toBe(true);
      }),
    );
  });

  it("sees one more, one less and one that forbids instead", () => {
    const read: Permission = { resource: "chat", actions: ["read"] };
    const use: Permission = { resource: "chat", actions: ["use"] };
    expect(samePermissions([read], [read, use])).toBe(false);
    expect(samePermissions([read, use], [read])).toBe(false);
    expect(samePermissions([read], [{ ...read, negate: true }])).toBe(false);
    expect(samePermissions([read], [{ ...read, negate: false }])).toBe(true);
  });
});

describe("driftOf", () => {
  it("names what is missing and what is different, and nothing else", () => {
    const [member, account] = desiredSystemRoles("none");
    if (member === undefined || account === undefined) throw new Error("Two roles");
    expect(driftOf("none", [account, member])).toEqual({ missing: [], different: [] });
    expect(driftOf("none", [{ ...member, organization: [...member.organization].toReversed() }])).toEqual({
      missing: ["organization-service-account"],
      different: [],
    });
    expect(driftOf("none", [{ ...member, member: [] }, account])).toEqual({
      missing: [],
      different: ["organization-member"],
    });
    expect(driftOf("everyone", [member, account])).toEqual({ missing: [], different: [...systemRoles] });
  });
});

describe("sharing mode", () => {
  it.each([
    [{ shareable_workspace_owners: "none", sharing_disabled: false }, "none"],
    [{ shareable_workspace_owners: "service_accounts" }, "service_accounts"],
    [{ sharing_disabled: true }, "none"],
    [{ sharing_disabled: false }, "everyone"],
    [{ shareable_workspace_owners: "", sharing_disabled: true }, "none"],
    [{ shareable_workspace_owners: "" }, null],
    [{}, null],
  ] as const)("%j asks for %s", (request, mode) => {
    expect(askedMode(request)).toBe(mode);
  });

  it.each([
    ["everyone", false, true],
    ["everyone", true, true],
    ["service_accounts", false, false],
    ["service_accounts", true, true],
    ["none", false, false],
    ["none", true, false],
  ] as const)("%s, owner is a service account: %s, may be shared: %s", (mode, isServiceAccount, may) => {
    expect(whyNotShareable(mode, isServiceAccount) === null).toBe(may);
  });
});
