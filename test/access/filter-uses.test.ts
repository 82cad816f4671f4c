import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

/** `filter(<actor>, "<action>", "<type>", <columns>)`: what stands in the last place. */
const USE = /\bfilter\(\s*(?:actor|requireActor\(c\)),\s*"\w+",\s*"\w+",\s*([^)\s]+)/g;

const columnsIn = (paths: string[]) =>
  new Set(paths.flatMap((path) => [...readFileSync(path, "utf8").matchAll(USE)].map((match) => match[1] ?? "")));

describe("the lists of the product", () => {
  it("hand to filter only columns that a test holds to check, on rows of the real table", () => {
    const used = columnsIn(globSync("src/**/*.ts", { exclude: ["src/access/**"] }));
    expect(used.size).toBeGreaterThan(5);
    const proven = ["test/access/tables.worker.test.ts", "test/workspaces/acl-filter.worker.test.ts"]
      .map((path) => readFileSync(path, "utf8"))
      .join("\n");
    for (const columns of used) expect(proven).toMatch(new RegExp(`\\b${columns.replace(/\W.*$/, "")}\\b`));
  });
});
