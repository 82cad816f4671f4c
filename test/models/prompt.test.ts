import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PromptMessage } from "../../src/chats/engine/ports.ts";
import type { MessagePart } from "../../src/contract/chats.ts";
import type { Json } from "../../src/contract/common.ts";
import { toProviderPrompt, type PromptStyle } from "../../src/models/prompt.ts";

const plain: PromptStyle = { metadataKey: null, marksCache: false };

const says = (role: PromptMessage["role"], ...texts: string[]): PromptMessage => ({
  role,
  parts: texts.map((text) => ({ type: "text", text })),
});
const call = (id: string, args: Json = {}): MessagePart => ({
  type: "tool-call",
  tool_call_id: id,
  tool_name: "execute",
  args,
});
const result = (id: string, value: unknown, isError = false): PromptMessage => ({
  role: "tool",
  parts: [
    {
      type: "tool-result",
      tool_call_id: id,
      tool_name: "execute",
      result: JSON.parse(JSON.stringify(value)),
      is_error: isError,
    },
  ],
});
const assistant = (...parts: MessagePart[]): PromptMessage => ({ role: "assistant", parts });

function outputsOf(messages: PromptMessage[]) {
  return toProviderPrompt(messages, plain).flatMap((message) =>
    message.role === "tool"
      ? message.content.flatMap((part) =>
          part.type === "tool-result" ? [{ id: part.toolCallId, ...part.output }] : [],
        )
      : [],
  );
}

describe("toProviderPrompt", () => {
  it("drops what is blank, and messages that are left empty", () => {
    const prompt = toProviderPrompt(
      [says("system", " "), says("user", "", "Hello", "  "), assistant({ type: "text", text: "\n" }), says("user", "")],
      plain,
    );
    expect(prompt).toEqual([{ role: "user", content: [{ type: "text", text: "Hello" }] }]);
  });

  it("keeps leading system messages, and tells later ones as the user", () => {
    const prompt = toProviderPrompt(
      [says("system", "A"), says("system", "B"), says("user", "Hi"), says("system", "C")],
      plain,
    );
    expect(prompt.map(({ role }) => role)).toEqual(["system", "system", "user", "user"]);
  });

  it("gives each call its result right after it, in the order of the calls", () => {
    const prompt = toProviderPrompt(
      [
        says("user", "Go"),
        assistant(call("a"), call("b")),
        result("b", "second"),
        says("user", "And?"),
        result("a", "first"),
      ],
      plain,
    );
    expect(prompt.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "user"]);
    expect(outputsOf([assistant(call("a"), call("b")), result("b", "second"), result("a", "first")])).toEqual([
      { id: "a", type: "text", value: "first" },
      { id: "b", type: "text", value: "second" },
    ]);
  });

  it("repairs a call without a result, and drops a result without a call", () => {
    const outputs = outputsOf([assistant(call("a")), result("stranger", "x"), says("user", "Hello?")]);
    expect(outputs).toEqual([{ id: "a", type: "error-text", value: expect.stringContaining("interrupted") }]);
  });

  it("says something where a result says nothing", () => {
    const values = [null, "", "  ", {}];
    const outputs = values.flatMap((value) => outputsOf([assistant(call("a")), result("a", value)]));
    expect(outputs.map((output) => ("value" in output ? output.value : null))).toEqual(["{}", "{}", "{}", "{}"]);
  });

  it("prefers the words of an error to the object around them", () => {
    expect(outputsOf([assistant(call("a")), result("a", { error: "No such file" }, true)])).toEqual([
      { id: "a", type: "error-text", value: "No such file" },
    ]);
    expect(outputsOf([assistant(call("a")), result("a", { code: 1 }, true)])).toEqual([
      { id: "a", type: "error-text", value: '{"code":1}' },
    ]);
  });

  it("makes ids that every provider takes, and never one for two calls", () => {
    const outputs = outputsOf([assistant(call("a/b"), call("a.b"), call("ü"), call("")), result("a.b", "x")]);
    const ids = outputs.map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(outputs[1]).toMatchObject({ type: "text", value: "x" });
  });

  it("gives an id that comes twice its results in turn", () => {
    const outputs = outputsOf([assistant(call("a")), result("a", "1"), assistant(call("a")), result("a", "2")]);
    expect(outputs.map((output) => ("value" in output ? output.value : null))).toEqual(["1", "2"]);
    expect(new Set(outputs.map(({ id }) => id)).size).toBe(2);
  });

  it("makes an object of arguments that are none", () => {
    const [message] = toProviderPrompt([assistant(call("a", "not json"), call("b", null))], plain);
    const inputs =
      message?.role === "assistant" ? message.content.map((part) => ("input" in part ? part.input : null)) : [];
    expect(inputs).toEqual([{ input: "not json" }, {}]);
  });

  it("writes file references as tagged text that cannot end its own block", () => {
    const reference = (fields: object): MessagePart => ({ type: "file-reference", file_name: "a.ts", ...fields });
    const texts = (part: MessagePart) =>
      toProviderPrompt([{ role: "user", parts: [part] }], plain).flatMap((message) =>
        message.role === "user" ? message.content.map((content) => (content.type === "text" ? content.text : "")) : [],
      );
    expect(texts(reference({ start_line: 3, end_line: 9, content: " code " }))).toEqual([
      "[file-reference] a.ts:3-9\n```\ncode\n```",
    ]);
    expect(texts(reference({ start_line: 3, end_line: 3 }))).toEqual(["[file-reference] a.ts:3"]);
    expect(texts(reference({ content: "```js\n```" }))[0]).toMatch(/^\[file-reference\] a\.ts\n````\n/);
  });

  it("sends reasoning back only to the API that signed it", () => {
    const thought: MessagePart = {
      type: "reasoning",
      text: "Hm.",
      provider_metadata: { anthropic: { signature: "s" } },
    };
    const unsigned: MessagePart = { type: "reasoning", text: "Hm." };
    const kinds = (style: PromptStyle) =>
      toProviderPrompt([assistant(thought, unsigned, { type: "text", text: "So." })], style).flatMap((message) =>
        message.role === "assistant" ? message.content.map(({ type }) => type) : [],
      );
    expect(kinds({ metadataKey: "anthropic", marksCache: false })).toEqual(["reasoning", "text"]);
    expect(kinds({ metadataKey: "openai", marksCache: false })).toEqual(["text"]);
    expect(kinds(plain)).toEqual(["text"]);
  });

  it("marks the last leading system message and the last two messages for the cache", () => {
    const prompt = toProviderPrompt(
      [says("system", "A"), says("system", "B"), says("user", "1"), says("assistant", "2"), says("user", "3")],
      { metadataKey: "anthropic", marksCache: true },
    );
    expect(prompt.map(({ providerOptions }) => providerOptions !== undefined)).toEqual([
      false,
      true,
      false,
      true,
      true,
    ]);
  });

  it("always answers every call exactly once, right after it, whatever the history", () => {
    const ids = fc.constantFrom("a", "b", "c/1", "c.1", "");
    const message: fc.Arbitrary<PromptMessage> = fc.oneof(
      fc.string().map((text) => says("user", text)),
      fc.array(ids, { maxLength: 3 }).map((calls) => assistant(...calls.map((id) => call(id)))),
      fc.tuple(ids, fc.jsonValue()).map(([id, value]) => result(id, value)),
    );
    fc.assert(
      fc.property(fc.array(message, { maxLength: 12 }), (messages) => {
        const prompt = toProviderPrompt(messages, plain);
        const seen = new Set<string>();
        for (const [index, entry] of prompt.entries()) {
          if (entry.role === "tool") expect(prompt[index - 1]?.role).toBe("assistant");
          if (entry.role !== "assistant") continue;
          const called = entry.content.flatMap((part) => (part.type === "tool-call" ? [part.toolCallId] : []));
          const next = prompt[index + 1];
          const answered =
            next?.role === "tool"
              ? next.content.flatMap((part) => (part.type === "tool-result" ? [part.toolCallId] : []))
              : [];
          expect(answered).toEqual(called);
          for (const id of called) {
            expect(seen.has(id)).toBe(false);
            seen.add(id);
          }
        }
      }),
    );
  });
});
