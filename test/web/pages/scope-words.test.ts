import { describe, expect, it } from "vitest";
import { actions, resourceTypes } from "../../../src/access/permissions.ts";
import { scope } from "../../../src/access/scopes.ts";
import {
  scopeActions,
  scopePresets,
  scopeResources,
  scopesOf,
  scopeWords,
} from "../../../web/src/pages/tokens/scope-words.ts";

describe("scopes in words", () => {
  it("offers every resource and action that there is, and no other", () => {
    expect(scopeResources.map(({ value }) => value).toSorted()).toEqual(["*", ...resourceTypes].toSorted());
    expect(scopeActions.map(({ value }) => value).toSorted()).toEqual(["*", ...actions].toSorted());
  });

  it("sends what the server knows as scopes, each once", () => {
    const pair = { resource: "workspace", action: "use" };
    const chosen = scopesOf([pair, { resource: "chat", action: "*" }, pair]);
    expect(chosen).toEqual(["workspace:use", "chat:*"]);
    for (const name of [...chosen, ...scopePresets.flatMap(({ scopes }) => scopes)]) {
      expect(scope.safeParse(name).success).toBe(true);
    }
  });

  it.each([
    [["all"], "Everything"],
    [["chat:read", "all"], "Everything"],
    [["*:read"], "Read only"],
    [["chat:*"], "Chats only"],
    [["chat:*", "workspace:use"], "Chats: anything · Workspaces: use"],
    [["chat:read", "workspace:use", "chat:update"], "Chats: read, change · Workspaces: use"],
    [["future:fly"], "future: fly"],
  ])("%j reads %s", (scopes, words) => {
    expect(scopeWords(scopes)).toBe(words);
  });
});
