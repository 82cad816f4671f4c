import { describe, expect, it } from "vitest";
import { z } from "zod";
import { GIF, JPEG, PNG } from "../chats/file-bytes.ts";
import { getTestApp } from "../support/app.ts";

/* Files that are two things at once, and names that are more than names. */

const test = await getTestApp();
const ann = await test.addUser("ann");
const FILES = "/api/v2/chats/files";
const text = (value: string) => new TextEncoder().encode(value);
const joined = (...parts: Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]));
const SCRIPT = text("<html><script>alert(1)</script></html>");
const SVG = text('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');

const upload = (body: Uint8Array, headers: Record<string, string> = {}) =>
  ann.request(FILES, { method: "POST", body, headers });
const made = z.object({ id: z.string(), name: z.string(), media_type: z.string() });

describe("a file that is two things at once", () => {
  it.each([
    ["GIF and HTML", joined(GIF, SCRIPT), "image/gif"],
    ["PNG with a script behind", joined(PNG, SCRIPT), "image/png"],
    ["JPEG and a comment of HTML", joined(JPEG, SCRIPT), "image/jpeg"],
    ["GIF that begins a comment of JavaScript", joined(GIF, text("/*"), text("*/=1;alert(1)")), "image/gif"],
  ])("is served as what its first bytes are, by no page's leave: %s", async (_, bytes, type) => {
    for (const declared of [type, "image/png", "image/webp"]) {
      const file = made.parse(await (await upload(bytes, { "content-type": declared })).json());
      expect(file.media_type).toBe(type);
      const { headers } = await ann.request(`${FILES}/${file.id}`);
      expect(headers.get("content-type")).toBe(type);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
    }
  });

  it.each([
    ["an SVG that says PNG", SVG, "image/png"],
    ["an SVG that says text", SVG, "text/plain"],
    ["an SVG behind a byte order mark", joined(text("\ufeff"), SVG), "text/plain"],
    ["an SVG behind a comment", joined(text("<!-- x -->"), SVG), "text/plain"],
    ["a page that says PNG", SCRIPT, "image/png"],
    ["a program", joined(text("\u007fELF"), new Uint8Array(64)), "application/octet-stream"],
    ["an archive", joined(text("PK\u0003\u0004"), new Uint8Array(64)), "application/zip"],
    ["nothing at all", new Uint8Array(0), "text/plain"],
  ])("is refused where it is nothing that is allowed: %s", async (_, bytes, type) => {
    expect((await upload(bytes, { "content-type": type })).status).toBe(400);
  });

  it("is no page though it is text: a browser saves it", async () => {
    const file = made.parse(await (await upload(SCRIPT, { "content-type": "text/plain" })).json());
    const { headers } = await ann.request(`${FILES}/${file.id}`);
    expect(headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(headers.get("content-disposition")).toMatch(/^attachment/);
  });
});

describe("the name of a file", () => {
  it.each([
    "../../etc/passwd",
    "..\\..\\boot.ini",
    "/etc/passwd",
    "a\r\nset-cookie: x=1",
    'a"; filename="b.html',
    "a%22%0d%0ab",
    "gnp.\u202eexe",
    "\u2066a\u2069",
    "nul\u0000.png",
    "<img src=x onerror=alert(1)>.png",
    "x".repeat(5_000),
    "💥".repeat(300),
    ".",
    "..",
    "con",
  ])("is one name and one header: %s", async (name) => {
    const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(name)}`;
    const file = made.parse(await (await upload(PNG, { "content-disposition": disposition })).json());
    expect(file.name).not.toMatch(/[/\\\p{Cc}\p{Bidi_Control}]/u);
    expect(new TextEncoder().encode(file.name).byteLength).toBeLessThanOrEqual(255);
    const { headers, status } = await ann.request(`${FILES}/${file.id}`);
    expect(status).toBe(200);
    expect(headers.get("set-cookie")).toBeNull();
    expect(headers.get("content-disposition")).toMatch(
      /^inline(?:; filename="[^"\\]*"; filename\*=UTF-8''[\w.!#$&+^`|~%-]*)?$/,
    );
  });
});
