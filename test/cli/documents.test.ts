import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

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

describe("ARCHITECTURE.md", () => {
  const text = readFileSync(join(project, "ARCHITECTURE.md"), "utf8");

  it("names only functions that are in the file it names with them", () => {
    const places = [...text.matchAll(/`(\w+)` in `((?:src|web)\/[\w/.-]+)`/g)];
    const gone = places.filter(([, what = "", path = ""]) => !readFileSync(join(project, path), "utf8").includes(what));
    expect(gone.map(([words]) => words)).toEqual([]);
    expect(places.length).toBeGreaterThan(5);
  });
});
