import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CappedOutput } from "../../src/agent/capped-output.ts";
import { TextCleaner } from "../../src/agent/clean-text.ts";
import { durationMs } from "../../src/agent/duration.ts";
import { LiveOutput } from "../../src/agent/live-output.ts";
import { firstBytes, lastBytes, lastUnits } from "../../src/agent/text-window.ts";
import { TOOL_OUTPUT_MAX_BYTES } from "../../src/contract/tools.ts";

const anyText = fc.string({ unit: "grapheme", maxLength: 200 });

describe("TextCleaner", () => {
  const samples: [string, string][] = [
    ["\u001b[1;31mred\u001b[0m", "red"],
    ["\u001b]0;title\u0007a\u001b]8;;https://x\u001b\\link\u001b]8;;\u001b\\", "alink"],
    ["\u001b]52;c;c3RvbGVu\u001b\\b", "b"],
    ["\u001bP1$r0m\u001b\\c\u001b(Bd\u001bM", "cd"],
    ["\u009b31mred\u009d0;t\u009cx", "redx"],
    ["a\u0000b\u0007c\bd\u007f\te\r\nf", "abcd\te\r\nf"],
    ["\u001b[12\u001b[3mx", "x"],
    ["\u001b]0;never ended\u0018y", "y"],
  ];

  it("takes terminal sequences out and leaves the rest", () => {
    for (const [raw, clean] of samples) expect(new TextCleaner().clean(raw)).toBe(clean);
  });

  it("does so wherever the text is cut", () => {
    for (const [raw, clean] of samples) {
      for (let cut = 0; cut <= raw.length; cut++) {
        const cleaner = new TextCleaner();
        expect(cleaner.clean(raw.slice(0, cut)) + cleaner.clean(raw.slice(cut))).toBe(clean);
      }
    }
  });

  it("never lets a control character through", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (raw) => {
        expect(new TextCleaner().clean(raw)).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/);
      }),
    );
  });

  it("does not lose the output behind a sequence that never ends", () => {
    const cleaner = new TextCleaner();
    cleaner.clean("\u001b]0;");
    expect(cleaner.clean(`${"x".repeat(10_000)}seen`).endsWith("seen")).toBe(true);
  });
});

describe("text windows", () => {
  it("cut between characters, and keep all that fits", () => {
    fc.assert(
      fc.property(anyText, fc.nat(300), (text, bytes) => {
        const first = firstBytes(text, bytes);
        const last = lastBytes(text, bytes);
        expect(text.startsWith(first)).toBe(true);
        expect(text.endsWith(last)).toBe(true);
        for (const part of [first, last]) {
          expect(Buffer.byteLength(part)).toBeLessThanOrEqual(bytes);
          expect(part.isWellFormed()).toBe(true);
          if (part !== text) expect(Buffer.byteLength(part)).toBeGreaterThan(bytes - 4);
        }
      }),
    );
  });

  it("count UTF-16 units without splitting a pair", () => {
    expect(lastUnits("a🌊b", 2)).toBe("b");
    expect(lastUnits("a🌊b", 3)).toBe("🌊b");
  });
});

describe("CappedOutput", () => {
  it("keeps everything up to the limit, in any pieces", () => {
    fc.assert(
      fc.property(fc.array(anyText), (pieces) => {
        const output = new CappedOutput();
        for (const piece of pieces) output.append(piece);
        expect(output.render()).toEqual({ output: pieces.join("") });
      }),
    );
  });

  it("keeps beginning and end beyond it, and counts what is left out", () => {
    const output = new CappedOutput();
    for (let n = 0; n < 20_000; n++) output.append(`line ${n} 🌊\n`);
    const { output: text, truncated } = output.render();
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(TOOL_OUTPUT_MAX_BYTES);
    expect(Buffer.byteLength(text)).toBeGreaterThan(TOOL_OUTPUT_MAX_BYTES - 100);
    expect(text.isWellFormed()).toBe(true);
    expect(text.startsWith("line 0 🌊\n")).toBe(true);
    expect(text.endsWith("line 19999 🌊\n")).toBe(true);
    expect(truncated?.original_bytes).toBe((truncated?.retained_bytes ?? 0) + (truncated?.omitted_bytes ?? 0));
  });
});

describe("LiveOutput", () => {
  it("holds the last 32 Ki units while nobody takes them, at their true place", () => {
    const live = new LiveOutput();
    const whole = Array.from({ length: 9000 }, (_, n) => `${n}🌊\n`).join("");
    live.append(whole.slice(0, 50_000));
    live.sendTo(() => false);
    live.append(whole.slice(50_000));
    const sent: { offset: number; text: string }[] = [];
    live.sendTo((piece) => sent.push(piece) > 0);
    live.sendTo((piece) => sent.push(piece) > 0);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.text.length).toBeGreaterThan(32 * 1024 - 2);
    expect(whole.slice(sent[0]?.offset)).toBe(sent[0]?.text);
    live.append("more");
    live.sendTo((piece) => sent.push(piece) > 0);
    expect(sent[1]).toEqual({ offset: whole.length, text: "more" });
  });
});

describe("durationMs", () => {
  it("reads the durations of the contract", () => {
    expect(["500ms", "30s", "2m", "1h30m", "1.5s", "1h1m1s1ms"].map(durationMs)).toEqual([
      500, 30_000, 120_000, 5_400_000, 1500, 3_661_001,
    ]);
  });
});
