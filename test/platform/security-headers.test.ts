import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { SECURITY_HEADERS } from "../../src/platform/security-headers.ts";

it("are the same on assets, which the Worker does not serve", () => {
  const file = readFileSync("web/public/_headers", "utf8");
  const everywhere = file.slice(0, file.indexOf("\n\n")).split("\n").slice(1);
  const onAssets = everywhere.map((line) => {
    const [name = "", ...value] = line.trim().split(": ");
    return [name.toLowerCase(), value.join(": ")];
  });
  expect(Object.fromEntries(onAssets)).toEqual(SECURITY_HEADERS);
});
