import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fileTree, filesInOrder, type TreeNode } from "../../../web/src/git/file-tree.ts";

const outline = (nodes: readonly TreeNode<{ path: string }>[], depth = 0): string[] =>
  nodes.flatMap((node) => [
    `${"  ".repeat(depth)}${node.name}${node.kind === "folder" ? "/" : ""}`,
    ...(node.kind === "folder" ? outline(node.children, depth + 1) : []),
  ]);

describe("the tree of files", () => {
  it("puts folders first and makes one line of folders that hold nothing else", () => {
    const paths = ["z.md", "src/chats/engine/a10.ts", "src/chats/engine/a2.ts", "src/chats/b.ts", "web/src/git/c.ts"];
    expect(outline(fileTree(paths.map((path) => ({ path }))))).toEqual([
      "src/chats/",
      "  engine/",
      "    a2.ts",
      "    a10.ts",
      "  b.ts",
      "web/src/git/",
      "  c.ts",
      "z.md",
    ]);
  });

  it("has every file once", () => {
    const name = fc.constantFrom("a", "b", "c", "__proto__", "src");
    fc.assert(
      fc.property(fc.array(fc.array(name, { minLength: 1, maxLength: 4 })), (paths) => {
        const files = paths.map((names) => ({ path: names.join("/") }));
        const shown = filesInOrder(fileTree(files));
        expect(shown).toHaveLength(files.length);
        expect(new Set(shown)).toEqual(new Set(files));
      }),
    );
  });
});
