import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideFileType } from "../../src/chats/file-type.ts";
import { fileTypes } from "../../src/contract/files.ts";
import { Problem } from "../../src/platform/problem.ts";
import { GIF, JPEG, PNG, WEBP } from "./file-bytes.ts";

const text = (content: string) => new TextEncoder().encode(content);

function refusal(declared: string | null, bytes: Uint8Array): Problem {
  try {
    decideFileType(declared, bytes);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("It was taken");
}

describe("decideFileType", () => {
  it.each([
    ["image/png", PNG],
    ["image/jpeg", JPEG],
    ["image/gif", GIF],
    ["image/webp", WEBP],
  ])("knows %s by its bytes, with no type, an unknown one or its own", (type, bytes) => {
    for (const declared of [null, "", "application/octet-stream", type, `${type}; charset=x`, type.toUpperCase()]) {
      expect(decideFileType(declared, bytes)).toBe(type);
    }
  });

  it("lets the bytes decide between images", () => {
    expect(decideFileType("image/png", JPEG)).toBe("image/jpeg");
  });

  it.each(["text/plain", "text/markdown", "text/csv", "application/json"])("takes text that says %s", (type) => {
    expect(decideFileType(`${type};charset=utf-8`, text("Grüße\n\t🌊"))).toBe(type);
  });

  it.each([
    ["a type that is not allowed, whatever its bytes", "image/bmp", PNG],
    ["a page", "text/html", text("<p>hello</p>")],
    ["an SVG that says so", "image/svg+xml", text("<svg xmlns='http://www.w3.org/2000/svg'/>")],
    ["an SVG that says it is an image", "image/png", text("<svg/>")],
    ["an SVG that says nothing", null, text("<svg/>")],
    [
      "an SVG that says it is text",
      "text/plain",
      text('\ufeff<?xml version="1.0"?>\n<!-- x --><!DOCTYPE svg>\n<SVG >'),
    ],
    [
      "an SVG with entities",
      "text/plain",
      text('<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x" [<!ENTITY a "b>">]> <svg>'),
    ],
    ["an SVG with a prefix", "text/plain", text("<s:svg xmlns:s='http://www.w3.org/2000/svg'/>")],
    ["text without a type", null, text("hello")],
    ["text that says it is an image", "image/png", text("hello")],
    ["a cut signature", "image/png", PNG.subarray(0, 7)],
    ["RIFF that is no WebP", "image/webp", text("RIFF0000WAVEfmt ")],
    ["text that is no UTF-8", "text/plain", new Uint8Array([0x61, 0xff, 0x62])],
    ["text with a NUL", "text/plain", text("a\u0000b")],
  ])("refuses %s", (_, declared, bytes) => {
    expect(refusal(declared, bytes)).toMatchObject({ status: 400, title: "Unsupported file type." });
  });

  it("is not kept busy by text that was made for that", () => {
    const startedAt = performance.now();
    for (const piece of ["<!---->", "<?>", "<!doctype ", "<!doctype [", " ", "<!--", "<a:"]) {
      expect(decideFileType("text/plain", text(piece.repeat(200_000)))).toBe("text/plain");
    }
    expect(performance.now() - startedAt).toBeLessThan(30_000);
  });

  it("takes text that speaks of SVG", () => {
    expect(decideFileType("text/markdown", text("Put `<svg>` into the page."))).toBe("text/markdown");
  });

  it("answers an allowed type or refuses, whatever it is given", () => {
    fc.assert(
      fc.property(fc.option(fc.string()), fc.uint8Array({ maxLength: 64 }), (declared, bytes) => {
        try {
          expect(fileTypes).toContain(decideFileType(declared, bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
        }
      }),
    );
  });
});
