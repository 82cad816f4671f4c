import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RPC_FRAME_MAX_BYTES } from "../../src/contract/workspace.ts";
import { isLongerThan, readAgentFrame } from "../../src/workspaces/relay.ts";

describe("readAgentFrame", () => {
  it("never throws, whatever comes", () => {
    const frame = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record(
          { id: fc.jsonValue(), method: fc.jsonValue(), params: fc.jsonValue(), result: fc.jsonValue() },
          { requiredKeys: [] },
        )
        .map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(frame, (text) => {
        expect(readAgentFrame(text)).toHaveProperty("kind");
      }),
    );
  });

  it("tells answers, requests and notifications apart", () => {
    const read = (value: object) => readAgentFrame(JSON.stringify(value));
    expect(read({ id: "a-1", result: { x: 1 } })).toEqual({ kind: "answer", id: "a-1", result: { x: 1 } });
    expect(read({ id: 1, error: { message: "No." } })).toMatchObject({ kind: "answer", error: "No." });
    expect(read({ id: 1, method: "sing", params: {} })).toEqual({ kind: "request", id: 1, method: "sing" });
    expect(read({ method: "sing" })).toEqual({ kind: "unknown", method: "sing" });
    expect(
      read({ method: "call.output", params: { call_id: "c", reply_to: "r", offset: -1, text: "" } }),
    ).toMatchObject({
      kind: "close",
      code: 1008,
    });
  });

  it("measures a frame in bytes", () => {
    const text = (units: number) => JSON.stringify({ method: "x", params: "é".repeat(units) });
    const frame = new TextEncoder().encode(text(0)).length;
    const most = Math.floor((RPC_FRAME_MAX_BYTES - frame) / 2);
    expect(readAgentFrame(text(most))).toMatchObject({ kind: "unknown" });
    expect(readAgentFrame(text(most + 1))).toMatchObject({ kind: "close", code: 1009 });
  });
});

it("isLongerThan counts as an encoder does", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat(60), (text, limit) => {
      expect(isLongerThan(text, limit)).toBe(new TextEncoder().encode(text).byteLength > limit);
    }),
  );
});
