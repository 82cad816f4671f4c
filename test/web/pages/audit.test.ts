import { describe, expect, it } from "vitest";
import { auditPageSearch, isNarrowed, searchOf } from "../../../web/src/pages/audit/audit-search.ts";
import { changeRows, sentenceParts } from "../../../web/src/pages/audit/audit-words.ts";

describe("sentenceParts", () => {
  it("cuts out who did it and the object, so that each stands for itself", () => {
    expect(sentenceParts("ada created the group “\u202Egnp.exe”.", "ada", "\u202Egnp.exe")).toEqual([
      { text: "ada", name: true },
      { text: " created the group “", name: false },
      { text: "\u202Egnp.exe", name: true },
      { text: "”.", name: false },
    ]);
  });
  it("takes an object by the name of its maker for the object", () => {
    const parts = sentenceParts("ada made the account “ada”.", "ada", "ada");
    expect(parts.map(({ text }) => text)).toEqual(["ada", " made the account “", "ada", "”."]);
  });
  it("leaves a sentence without names as it is", () => {
    expect(sentenceParts("Somebody came by.", null, "")).toEqual([{ text: "Somebody came by.", name: false }]);
  });
});

describe("changeRows", () => {
  it("says what was and is in words, and of a secret nothing", () => {
    expect(
      changeRows({
        display_name: { old: "", new: "Crew" },
        roles: { old: [], new: ["owner", "auditor"] },
        enabled: { old: true, new: false },
        api_key: { old: "left behind", secret: true },
      }),
    ).toEqual([
      { field: "Display name", before: null, after: "Crew", secret: false },
      { field: "Roles", before: "none", after: "owner, auditor", secret: false },
      { field: "Enabled", before: "yes", after: "no", secret: false },
      { field: "Api key", before: null, after: null, secret: true },
    ]);
  });
});

describe("searchOf", () => {
  it("asks nothing for what narrows nothing", () => {
    expect(isNarrowed({})).toBe(false);
    expect(isNarrowed({ q: "  " })).toBe(false);
    expect(isNarrowed({ range: "own" })).toBe(false);
  });
  it("counts a range from the moment in which the page was opened or the range chosen", () => {
    const openedAt = Date.parse("2026-11-22T12:00:00Z");
    expect(searchOf({ range: "day" }, openedAt).from).toBe("2026-11-21T12:00:00.000Z");
  });
  it("takes both days of a range of one's own in the reader's zone, the last one whole", () => {
    const { from, to } = searchOf({ range: "own", from: "2026-02-28", to: "2026-02-28" }, 0);
    expect(from).toBe(new Date(2026, 1, 28).toISOString());
    expect(to).toBe(new Date(2026, 2, 1).toISOString());
  });
});

describe("the address of the page", () => {
  it("says what the log is narrowed to", () => {
    const narrowed = { q: "pier", user: "ada", action: "share", kind: "group", range: "own", from: "2026-02-28" };
    expect(auditPageSearch.parse(narrowed)).toEqual(narrowed);
  });
  it("leaves out what it can't mean", () => {
    const wrong = { q: 7, action: "fly", kind: "boat", organization: "pier", range: "always", from: "yesterday" };
    expect(auditPageSearch.parse(wrong)).toEqual({});
  });
});
