import { describe, expect, it } from "vitest";
import { isNarrowed, noFilter, searchOf } from "../../../web/src/pages/audit/audit-search.ts";
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
    expect(isNarrowed(noFilter)).toBe(false);
    expect(isNarrowed({ ...noFilter, words: "  " })).toBe(false);
    expect(isNarrowed({ ...noFilter, range: "own" })).toBe(false);
  });
  it("counts a range from the moment in which it was chosen", () => {
    const chosenAt = Date.parse("2026-11-22T12:00:00Z");
    expect(searchOf({ ...noFilter, range: "day", chosenAt }).from).toBe("2026-11-21T12:00:00.000Z");
  });
  it("takes both days of a range of one's own in the reader's zone, the last one whole", () => {
    const { from, to } = searchOf({ ...noFilter, range: "own", firstDay: "2026-02-28", lastDay: "2026-02-28" });
    expect(from).toBe(new Date(2026, 1, 28).toISOString());
    expect(to).toBe(new Date(2026, 2, 1).toISOString());
  });
});
