import { describe, expect, it } from "vitest";
import { filterWords, meets, narrowed } from "../../../web/src/shell/chat-filter.ts";
import { chatTree } from "../../../web/src/shell/chat-list.ts";
import { childrenWords } from "../../../web/src/shell/chat-tree-row.tsx";
import { tabTitle } from "../../../web/src/shell/tab-title.ts";
import { chatOf } from "../chat-of.ts";

const root = chatOf(1, { has_unread: true });
const child = (n: number, status: "running" | "error" | "waiting") =>
  chatOf(n, { parent_chat_id: root.id, root_chat_id: root.id, status, has_unread: true });

describe("narrowed", () => {
  const tree = chatTree([root, child(2, "running"), child(3, "waiting"), chatOf(4, { status: "error" })], []);
  const shown = (condition: Parameters<typeof narrowed>[1]) =>
    narrowed(tree, condition).map((node) => [node.chat.title, ...node.children.map((each) => each.title)]);

  it("keeps a chat that meets it with all of its sub-agents", () => {
    expect(shown("any")).toEqual([["Chat 1", "Chat 2", "Chat 3"], ["Chat 4"]]);
    expect(shown("unread")).toEqual([["Chat 1", "Chat 2", "Chat 3"]]);
    expect(shown("failed")).toEqual([["Chat 4"]]);
  });

  it("keeps a parent for the sub-agents that meet it, with only these", () => {
    expect(shown("working")).toEqual([["Chat 1", "Chat 2"]]);
    expect(shown("waiting")).toEqual([]);
  });
});

describe("meets", () => {
  it("calls no sub-agent unread: what it says is for its parent", () => {
    expect([meets("unread", root), meets("unread", child(2, "waiting"))]).toEqual([true, false]);
  });
});

describe("words of the sidebar", () => {
  it("say what a filter leaves out", () => {
    expect(filterWords({ shelf: "active", condition: "any" })).toBeNull();
    expect(filterWords({ shelf: "archived", condition: "failed" })).toBe("Archived · Failed");
  });

  it("say what folded sub-agents do", () => {
    expect(childrenWords([child(2, "waiting")])).toBe("1 sub-agent");
    expect(childrenWords([child(2, "running"), child(3, "error"), child(4, "running")])).toBe(
      "3 sub-agents · 2 working · 1 failed",
    );
  });

  it("count what is unread before the tab's name", () => {
    expect(tabTitle("Fix the parser", 0)).toBe("Fix the parser · Tideline");
    expect(tabTitle("", 2)).toBe("(2) Tideline");
  });
});
