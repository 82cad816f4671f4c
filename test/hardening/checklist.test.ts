import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectDirectory } from "../../src/cli/project.ts";
import { checklist } from "./checklist.ts";

describe("the checklist", () => {
  it.each(checklist)("names tests that are there: $attack", ({ tests }) => {
    for (const [file, titles] of Object.entries(tests)) {
      const text = readFileSync(join(projectDirectory, file), "utf8");
      for (const title of titles) expect(text, file).toContain(title);
    }
  });
});
