import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { actions, resourceTypes } from "../../src/access/permissions.ts";
import { scopesAllow, scopesBeyond } from "../../src/access/scopes.ts";

const anyScope = fc.oneof(
  fc.constant("all"),
  fc
    .tuple(fc.constantFrom("*", ...resourceTypes), fc.constantFrom("*", ...actions))
    .map(([resource, action]) => `${resource}:${action}`),
);
const anyScopes = fc.array(anyScope, { maxLength: 4 });

describe("scopesBeyond", () => {
  it("lets nothing through that allows more than what is held", () => {
    fc.assert(
      fc.property(anyScopes, anyScopes, (asked, held) => {
        const beyond = scopesBeyond(asked, held);
        const given = asked.filter((name) => !beyond.includes(name));
        for (const type of resourceTypes) {
          for (const action of actions) {
            if (scopesAllow(given, action, type)) expect(scopesAllow(held, action, type)).toBe(true);
          }
        }
      }),
    );
  });

  it("holds nothing back that is held, by itself or within a wider one", () => {
    expect(scopesBeyond(["chat:read", "*:read", "all"], ["all"])).toEqual([]);
    expect(scopesBeyond(["chat:read", "chat:*"], ["chat:*"])).toEqual([]);
    expect(scopesBeyond(["chat:read"], ["*:read"])).toEqual([]);
  });

  it("does not take all pairs of today for all", () => {
    expect(scopesBeyond(["all"], ["*:*"])).toEqual(["all"]);
    expect(scopesBeyond(["*:read"], ["chat:read", "user:*"])).toEqual(["*:read"]);
  });
});
