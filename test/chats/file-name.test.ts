import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentDisposition, readFileName } from "../../src/chats/file-name.ts";

describe("readFileName", () => {
  it.each([
    [null, ""],
    ["", ""],
    ["attachment", ""],
    ["attachment; filename=plain.png", "plain.png"],
    ['attachment; filename="two words.png"', "two words.png"],
    [String.raw`attachment; filename="a \"b\".png"`, 'a "b".png'],
    ["attachment; filename=\"x.png\"; filename*=UTF-8''na%C3%AFve%20%F0%9F%8C%8A.png", "naïve 🌊.png"],
    ["attachment; filename*=utf-8'en'a.png", "a.png"],
    ["attachment; filename=\"fall.png\"; filename*=UTF-8''%ff", "fall.png"],
    ['attachment; filename="../../etc/passwd"', "passwd"],
    ["attachment; filename*=UTF-8''C%3A%5Cdir%5Cb.txt", "b.txt"],
    ["attachment; filename*=UTF-8''a%0D%0Ab%00.txt", "ab.txt"],
    ["attachment; filename*=UTF-8''gpj%E2%80%AE.exe", "gpj.exe"],
    ["attachment; notfilename=a.png", ""],
  ])("reads %s as %s", (header, name) => {
    expect(readFileName(header)).toBe(name);
  });

  it("cuts a long name at 255 bytes, between characters", () => {
    const name = readFileName(`attachment; filename*=UTF-8''${encodeURIComponent("🌊".repeat(100))}`);
    expect(name).toBe("🌊".repeat(63));
  });

  it("reads what contentDisposition writes, and that is a header whatever the name", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (given) => {
        const name = readFileName(`x; filename*=UTF-8''${encodeURIComponent(given.toWellFormed())}`);
        const header = contentDisposition("inline", name);
        expect(header).toMatch(/^[\x20-\x7e]*$/);
        expect(readFileName(header)).toBe(name);
      }),
    );
  });
});
