import { describe, expect, it } from "vitest";
import type { CallOutput } from "../../src/contract/workspace.ts";
import { OutputLanes } from "../../src/workspaces/output-lanes.ts";

const piece = (offset: number, text: string, callId = "c"): CallOutput => ({
  call_id: callId,
  reply_to: "r",
  offset,
  text,
});

/** A chat that takes a piece only when it is told to. */
function slowChat() {
  const taken: CallOutput[] = [];
  const waiting: (() => void)[] = [];
  const lanes = new OutputLanes((output) => {
    taken.push(output);
    return new Promise((resolve) => waiting.push(resolve));
  });
  const goOn = async () => {
    waiting.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { taken, lanes, goOn };
}

describe("OutputLanes", () => {
  it("sends the first piece at once and joins what comes meanwhile", async () => {
    const { taken, lanes, goOn } = slowChat();
    void lanes.push(piece(0, "a"));
    for (const [offset, text] of [
      [1, "b"],
      [2, "c"],
      [3, "d"],
    ] as const)
      void lanes.push(piece(offset, text));
    expect(taken).toEqual([piece(0, "a")]);
    await goOn();
    expect(taken).toEqual([piece(0, "a"), piece(1, "bcd")]);
    await goOn();
    void lanes.push(piece(4, "e"));
    expect(taken.at(-1)).toEqual(piece(4, "e"));
  });

  it("keeps calls apart", async () => {
    const { taken, lanes } = slowChat();
    void lanes.push(piece(0, "a", "one"));
    void lanes.push(piece(0, "b", "two"));
    expect(taken.map((output) => output.text)).toEqual(["a", "b"]);
  });

  it("keeps the newest end for a chat that is slow, with a true offset and whole characters", async () => {
    const { taken, lanes, goOn } = slowChat();
    void lanes.push(piece(0, "start"));
    void lanes.push(piece(5, "x".repeat(40_000)));
    void lanes.push(piece(40_005, "🌊"));
    void lanes.push(piece(40_007, `${"y".repeat(32 * 1024 - 1)}`));
    await goOn();
    const end = taken.at(-1);
    expect(end?.text.isWellFormed()).toBe(true);
    expect((end?.offset ?? 0) + (end?.text.length ?? 0)).toBe(40_007 + 32 * 1024 - 1);
    expect(end?.text).toBe("y".repeat(32 * 1024 - 1));
  });

  it("starts anew after a gap", async () => {
    const { taken, lanes, goOn } = slowChat();
    void lanes.push(piece(0, "a"));
    void lanes.push(piece(1, "b"));
    void lanes.push(piece(900, "z"));
    await goOn();
    expect(taken.at(-1)).toEqual(piece(900, "z"));
  });

  it("lets go of what waits when the result is there", async () => {
    const { taken, lanes, goOn } = slowChat();
    const pushed = lanes.push(piece(0, "a"));
    void lanes.push(piece(1, "b"));
    lanes.drop("c");
    await goOn();
    await pushed;
    expect(taken).toEqual([piece(0, "a")]);
  });
});
