import { describe, expect, it } from "vitest";
import { standingIn } from "../../../web/src/chat/standing.ts";
import { chatOf } from "../chat-of.ts";

describe("standingIn", () => {
  it.each([
    ["owner", { owns: true, maySend: true }],
    ["collaborator", { owns: false, maySend: true }],
    ["viewer", { owns: false, maySend: false }],
    ["site", { owns: false, maySend: false }],
    [undefined, { owns: true, maySend: true }],
  ] as const)("offers %s what they may do", (your_role, standing) => {
    expect(standingIn(chatOf(1, your_role === undefined ? {} : { your_role }))).toEqual(standing);
  });
});
