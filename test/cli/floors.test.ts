import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// A rule that matches nothing is as quiet as a house in order. So a copy of the rules is shown a house that is not.

const project = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const rooms = readdirSync(join(project, "src"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
const ground = ["contract", "platform", "access"];
const features = rooms.filter((room) => ![...ground, "tools", "agent", "cli"].includes(room));

/** Who stands where, and what is out of bounds there. */
const floors: { folder: string; forbidden: string[] }[] = [
  { folder: "src/contract", forbidden: others("contract") },
  { folder: "src/platform", forbidden: others("contract", "platform") },
  { folder: "src/access", forbidden: others(...ground) },
  { folder: "src/agent", forbidden: others("contract", "agent") },
  { folder: "src/agent/tools", forbidden: others("contract", "agent") },
  { folder: "src/cli", forbidden: others("contract", "platform", "cli", "agent") },
  { folder: "src/tools", forbidden: engineForbidden() },
  { folder: "src/chats/engine", forbidden: engineForbidden() },
  { folder: "web/src", forbidden: others("contract") },
  { folder: "web/src/chat", forbidden: others("contract") },
  ...features.map((room) => ({
    folder: `src/${room}`,
    forbidden: [...roomFiles(["agent", "cli"]), ...routesBut(room)],
  })),
];

const allowed = [
  { folder: "src/platform", path: "src/contract/rules.ts" },
  { folder: "src/access", path: "src/platform/rules.ts" },
  { folder: "src/chats", path: "src/models/rules.ts" },
  { folder: "src/chats/engine", path: "src/usage/rules.ts" },
  { folder: "src/chats/engine", path: "src/tools/rules.ts" },
  { folder: "src/agent", path: "src/contract/rules.ts" },
  { folder: "src/cli", path: "src/agent/rules.ts" },
  { folder: "web/src", path: "src/contract/rules.ts" },
];

const crimes = [
  {
    what: "db.transaction()",
    rule: "no-restricted-properties",
    text: "export const run = (db: { transaction(): void }) => db.transaction();",
  },
  { what: "console.log in the Worker", rule: "no-console", text: "console.log(1);" },
  { what: "any", rule: "no-explicit-any", text: "export const thing: any = 1;" },
  {
    what: "a circle of types",
    rule: "no-cycle",
    text: 'import type { back } from "./back.ts";\nexport const forth: typeof back | 1 = 1;',
  },
];

let house: string;
let found: Map<string, string[]>;

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), "tideline-floors-"));
  for (const name of readdirSync(project)) {
    if (name === ".oxlintrc.json" || /^tsconfig|^worker-conf/.test(name))
      cpSync(join(project, name), join(house, name));
  }
  // The types that the settings name.
  symlinkSync(join(project, "node_modules"), join(house, "node_modules"));
  for (const room of rooms) {
    write(`src/${room}/rules.ts`, "export const rule = 1;");
    write(`src/${room}/routes.ts`, "export const routes = 1;");
  }
  write("src/app.ts", "export const app = 1;");
  write("src/worker.ts", "export const worker = 1;");
  write("src/models/back.ts", 'import type { forth } from "./crime-3.ts";\nexport const back: typeof forth | 2 = 2;');
  for (const { folder, forbidden } of floors) for (const path of forbidden) writeProbe(folder, path);
  for (const { folder, path } of allowed) writeProbe(folder, path);
  crimes.forEach(({ text }, index) => write(`src/models/crime-${index}.ts`, text));
  found = lint(house, ["src", "web"]);
});
afterAll(() => rmSync(house, { recursive: true }));

describe("the floors", () => {
  it.each(floors)("$folder", ({ folder, forbidden }) => {
    const passed = forbidden.filter((path) => !complaints(probe(folder, path)).includes("no-restricted-imports"));
    expect(passed).toEqual([]);
    expect(forbidden.length).toBeGreaterThan(0);
  });

  it.each(allowed)("$folder may stand on $path", ({ folder, path }) => {
    expect(complaints(probe(folder, path))).toEqual([]);
  });
});

describe("the other rules", () => {
  it.each(crimes.map((crime, index) => ({ ...crime, index })))("$what is refused", ({ rule, index }) => {
    expect(complaints(`src/models/crime-${index}.ts`)).toContain(rule);
  });

  it("a floating promise is refused in every part of the code", () => {
    // Types decide this one, so it takes the linter's other half, which is slower.
    const paths = ["src/models", "src/agent", "src/cli", "test/cli", "web/src"].map(
      (folder) => `${folder}/floating.ts`,
    );
    for (const path of paths) write(path, "async function later(): Promise<void> {}\nlater();\nexport {};");
    const floating = lint(house, ["--type-aware", ...paths]);
    expect(paths.filter((path) => !floating.get(path)?.includes("no-floating-promises"))).toEqual([]);
  });
});

function others(...allowedRooms: string[]): string[] {
  return [...roomFiles(rooms.filter((room) => !allowedRooms.includes(room))), "src/app.ts", "src/worker.ts"];
}

function engineForbidden(): string[] {
  return others("contract", "platform", "chats", "tools", "usage");
}

function routesBut(room: string): string[] {
  return features
    .filter((feature) => feature !== room)
    .map((feature) => `src/${feature}/routes.ts`)
    .concat("src/app.ts", "src/worker.ts");
}

function roomFiles(names: string[]): string[] {
  return names.map((room) => `src/${room}/rules.ts`);
}

function probe(folder: string, imported: string): string {
  return `${folder}/probe-${imported.replaceAll(/[/.]/g, "-")}.ts`;
}

function writeProbe(folder: string, imported: string): void {
  const up = "../".repeat(folder.split("/").length);
  // From inside src the way to another room does not pass through "src".
  const path = folder.startsWith("src/") ? up.slice(3) + imported.slice(4) : up + imported;
  write(probe(folder, imported), `import * as other from "${path}";\nexport const probe = other;`);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(house, path)), { recursive: true });
  writeFileSync(join(house, path), `${text}\n`);
}

function complaints(path: string): string[] {
  return found.get(path) ?? [];
}

/** The rules that each file breaks. */
function lint(directory: string, args: string[]): Map<string, string[]> {
  const { stdout, status } = spawnSync(join(project, "node_modules", ".bin", "oxlint"), ["-f", "unix", ...args], {
    cwd: directory,
    encoding: "utf8",
  });
  if (status !== 0 && status !== 1) throw new Error(`oxlint ended with ${status}: ${stdout}`);
  const broken = new Map<string, string[]>();
  for (const [, path = "", rule = ""] of stdout.matchAll(/^([^:\n]+):.*\[Error\/[a-z-]+\(([a-z-]+)\)\]$/gm)) {
    broken.set(path, [...(broken.get(path) ?? []), rule]);
  }
  return broken;
}
