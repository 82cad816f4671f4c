import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messagePart, messageRoles } from "../../../src/contract/chats.ts";
import { json } from "../../../src/contract/common.ts";
import { parseVersion0 } from "../../../src/chats/engine/content-v0.ts";

const roles = fc.constantFrom(...messageRoles);

describe("parseVersion0", () => {
  it("reads text of systems, people and models", () => {
    fc.assert(
      fc.property(fc.constantFrom("system", "user", "assistant"), fc.string(), (role, text) => {
        expect(parseVersion0(role, text)).toEqual([{ type: "text", text }]);
      }),
    );
    expect(parseVersion0("tool", "text")).toBeNull();
    expect(parseVersion0("system", [{ type: "text", text: "no" }])).toBeNull();
  });

  it("reads envelopes as what they hold, in their order", () => {
    const envelope = fc.oneof(
      fc.string().map((text) => ({ kind: { type: "text", data: { text, extra: 1 } }, part: { type: "text", text } })),
      fc.string().map((text) => ({ kind: { type: "reasoning", data: { text } }, part: { type: "reasoning", text } })),
      fc
        .tuple(
          fc.string(),
          fc.string(),
          fc.jsonValue({ maxDepth: 2 }).map((value) => json.parse(value)),
        )
        .map(([id, name, args]) => ({
          kind: { type: "tool-call", data: { tool_call_id: id, tool_name: name, input: JSON.stringify(args) } },
          part: { type: "tool-call", tool_call_id: id, tool_name: name, args },
        })),
      fc.webUrl().map((url) => ({
        kind: { type: "source", data: { id: "s", url } },
        part: { type: "source", source_id: "s", url, title: url },
      })),
    );
    fc.assert(
      fc.property(fc.array(envelope, { minLength: 1, maxLength: 4 }), (all) => {
        const content = json.parse(JSON.parse(JSON.stringify(all.map(({ kind }) => kind))));
        expect(parseVersion0("assistant", content)).toEqual(JSON.parse(JSON.stringify(all.map(({ part }) => part))));
      }),
    );
  });

  it("keeps arguments that are no JSON as they were written", () => {
    const call = { type: "tool-call", data: { tool_call_id: "a", tool_name: "b", input: "{broken" } };
    expect(parseVersion0("assistant", [call])).toMatchObject([{ args: "{broken" }]);
  });

  it("reads rows of results, failed ones as failed", () => {
    const rows = [
      { tool_call_id: "1", tool_name: "execute", result: { output: "ok" }, is_error: false },
      { tool_call_id: "2", tool_name: "execute", result: "no", is_error: true },
    ];
    expect(parseVersion0("tool", rows)).toEqual([
      { type: "tool-result", tool_call_id: "1", tool_name: "execute", result: { output: "ok" } },
      { type: "tool-result", tool_call_id: "2", tool_name: "execute", result: "no", is_error: true },
    ]);
  });

  it("reads parts as they are now, and says where a file was", () => {
    const file = { type: "file", file_id: "01912345-6789-7abc-8def-0123456789ab", media_type: "image/png" };
    expect(parseVersion0("user", [{ type: "text", text: "See" }, file])).toEqual([
      { type: "text", text: "See" },
      { type: "text", text: "[A file of type image/png was attached here.]" },
    ]);
    expect(parseVersion0("user", [{ type: "tool-call", tool_call_id: "1", tool_name: "x", args: {} }])).toBeNull();
  });

  it("reads a message whole or not at all, whatever it is given", () => {
    fc.assert(
      fc.property(roles, fc.jsonValue(), (role, value) => {
        const parts = parseVersion0(role, json.parse(value));
        if (parts === null) return;
        expect(messagePart.array().parse(parts)).toEqual(parts);
        expect(parts.length).toBe(Array.isArray(value) ? value.length : 1);
      }),
    );
    expect(
      parseVersion0("assistant", [
        { type: "text", data: { text: "a" } },
        { type: "hologram", data: {} },
      ]),
    ).toBeNull();
  });
});
