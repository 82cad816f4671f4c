import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { SCHEMA_VERSION } from "../../src/platform/schema-version.ts";

it("is the newest migration", () => {
  const files = readdirSync("migrations").filter((name) => name.endsWith(".sql"));
  expect(SCHEMA_VERSION).toBe(files.sort().at(-1));
});
