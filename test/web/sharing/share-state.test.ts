import { describe, expect, it } from "vitest";
import { fitting } from "../../../web/src/sharing/candidates.ts";
import {
  changeOf,
  chatShareState,
  groupSubject,
  withRemoved,
  withRole,
  type ShareEntry,
  type ShareState,
} from "../../../web/src/sharing/share-state.ts";

const at = "2026-11-22T12:00:00.000Z";

function entry(id: string, role = "viewer", type: ShareEntry["type"] = "user"): ShareEntry {
  return { id, type, name: id, detail: "", service: false, role };
}
function state(...entries: ShareEntry[]): ShareState {
  return { mayShare: true, whyNot: null, owner: { id: "ada", name: "Ada" }, entries };
}

describe("the state of a share", () => {
  it("calls people by their name, else by their user name, and the group of all by what it is", () => {
    const person = { id: "u", username: "grace", name: "", avatar_url: "", is_service_account: true };
    const team = { id: "g", organization_id: "o", name: "all", display_name: "", avatar_url: "", created_at: at };
    const shares = chatShareState({
      may_share: true,
      owner: { ...person, name: "Ada Lovelace" },
      users: [{ ...person, role: "viewer", shared_at: at }],
      groups: [{ ...team, is_everyone: true, member_count: 1, role: "collaborator", shared_at: at }],
    });
    expect(shares.owner.name).toBe("Ada Lovelace");
    expect(shares.entries).toMatchObject([
      { name: "Everyone", detail: "all of the organisation · 1 member", role: "collaborator" },
      { name: "grace", detail: "grace · service account", role: "viewer", service: true },
    ]);
    expect(groupSubject({ ...team, is_everyone: false, member_count: 3 }).detail).toBe("group · 3 members");
  });

  it("changes a role in its place, puts somebody new last, and takes out with the empty role", () => {
    const before = state(entry("a"), entry("b"));
    expect(withRole(before, entry("a"), "collaborator").entries).toEqual([entry("a", "collaborator"), entry("b")]);
    expect(withRole(before, entry("c"), "viewer").entries.map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect(withRole(before, entry("a"), "").entries).toEqual([entry("b")]);
  });

  it("keeps the place of those who were taken out until they are back", () => {
    const removed = [{ entry: entry("b"), index: 1 }];
    const shown = (...entries: ShareEntry[]) => withRemoved(entries, removed).map((row) => [row.entry.id, row.removed]);
    expect(shown(entry("a"), entry("c"))).toEqual([
      ["a", false],
      ["b", true],
      ["c", false],
    ]);
    expect(shown(entry("a"), entry("c"), entry("b"))).toEqual([
      ["a", false],
      ["c", false],
      ["b", false],
    ]);
  });

  it("names people and groups apart in the request", () => {
    expect(changeOf(entry("u"), "viewer")).toEqual({ user_roles: { u: "viewer" } });
    expect(changeOf(entry("g", "viewer", "group"), "")).toEqual({ group_roles: { g: "" } });
  });
});

describe("fitting", () => {
  it("finds all words anywhere in name and second line, whatever their case", () => {
    const found = [
      { ...entry("1"), name: "Grace Hopper", detail: "grace" },
      { ...entry("2"), name: "Platform", detail: "group · 3 members" },
    ];
    expect(fitting(found, "HOP gra").map(({ id }) => id)).toEqual(["1"]);
    expect(fitting(found, " ").map(({ id }) => id)).toEqual(["1", "2"]);
    expect(fitting(found, "nobody")).toEqual([]);
  });
});
