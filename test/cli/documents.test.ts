import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { passedOn } from "../../src/cli/worker-settings.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));
const documents = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"];

describe.each(documents)("%s", (name) => {
  const text = readFileSync(join(project, name), "utf8");

  it("names only files that exist", () => {
    const paths = [...text.matchAll(/`((?:src|web|test|migrations|\.githooks|\.ci)(?:\/[\w.-]+)*)`/g)].map(
      (match) => match[1] ?? "",
    );
    expect(paths.filter((path) => !existsSync(join(project, path)))).toEqual([]);
  });

  it("links only to files that exist", () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] ?? "");
    // Screenshots are taken by the browser tests, and kept when somebody wants them kept.
    const files = links.filter((link) => !link.endsWith(".png"));
    expect(files.filter((link) => !existsSync(join(project, link)))).toEqual([]);
  });

  it("names only npm scripts that exist", () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      readFileSync(join(project, "package.json"), "utf8"),
    );
    const named = [...text.matchAll(/npm (?:run ([\w:-]+)|(start|test)\b)/g)].map(
      (match) => match[1] ?? match[2] ?? "",
    );
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});

describe("the settings of a Worker", () => {
  const read = (path: string) => readFileSync(join(project, path), "utf8");
  const names = [...read("src/env.d.ts").matchAll(/^ {2}([A-Z_]+)\??: string/gm)].map((match) => match[1] ?? "");

  it("are each in one row of the README's table", () => {
    const rows = read("README.md")
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    const count = (name: string) => rows.filter((row) => row.split("|")[1]?.includes(`\`${name}\``)).length;
    expect(names.filter((name) => count(name) !== 1)).toEqual([]);
    expect(names.length).toBeGreaterThan(20);
  });

  it("are taken from the environment by `npm start`, but for those that it makes or has a default for", () => {
    const own = ["SECRET_KEY", "SETUP_TOKEN", "ALLOW_PRIVATE_PROVIDERS"];
    expect(new Set(names.filter((name) => !own.includes(name)))).toEqual(new Set(passedOn));
  });
});

describe("ARCHITECTURE.md", () => {
  const text = readFileSync(join(project, "ARCHITECTURE.md"), "utf8");

  it("names only functions that are in the file it names with them", () => {
    const places = [...text.matchAll(/`(\w+)` in `((?:src|web)\/[\w/.-]+)`/g)];
    const gone = places.filter(([, what = "", path = ""]) => !readFileSync(join(project, path), "utf8").includes(what));
    expect(gone.map(([words]) => words)).toEqual([]);
    expect(places.length).toBeGreaterThan(5);
  });
});
