import { describe, expect, it } from "vitest";
import { cutPage, pageQuery } from "../../src/platform/paging.ts";

describe("pageQuery", () => {
  it("has a default and a maximum", () => {
    expect(pageQuery.parse({})).toEqual({ limit: 50 });
    expect(pageQuery.parse({ limit: "200", after_id: "a" })).toEqual({ limit: 200, after_id: "a" });
    for (const limit of ["0", "-1", "201", "1.5", "many", "", "1e9"]) {
      expect(pageQuery.safeParse({ limit }).success, limit).toBe(false);
    }
  });
});

describe("cutPage", () => {
  const rows = ["a", "b", "c"].map((id) => ({ id }));

  it("points to the next page when there is one row more than asked", () => {
    expect(cutPage(rows, 2, "https://tideline.example/api/v2/things?limit=2&after_id=0&q=x%26y")).toEqual({
      rows: [{ id: "a" }, { id: "b" }],
      link: '</api/v2/things?limit=2&after_id=b&q=x%26y>; rel="next"',
    });
  });

  it("points nowhere on the last page, full or empty", () => {
    expect(cutPage(rows, 3, "https://tideline.example/")).toEqual({ rows, link: null });
    expect(cutPage([], 3, "https://tideline.example/")).toEqual({ rows: [], link: null });
  });
});
