import type { HighlighterCore, LanguageInput } from "shiki/core";

/**
 * Syntax colours. The highlighter and each grammar load when first needed. Grammars run on the
 * browser's own regular expressions: the content security policy has no place for WebAssembly.
 * Colours are CSS variables of chat.css, so one result serves both themes.
 */

export interface ColouredPiece {
  readonly text: string;
  readonly color: string | undefined;
}

const languages: Record<string, () => Promise<LanguageInput>> = {
  bash: () => import("shiki/langs/shellscript.mjs"),
  c: () => import("shiki/langs/c.mjs"),
  cpp: () => import("shiki/langs/cpp.mjs"),
  csharp: () => import("shiki/langs/csharp.mjs"),
  css: () => import("shiki/langs/css.mjs"),
  diff: () => import("shiki/langs/diff.mjs"),
  docker: () => import("shiki/langs/docker.mjs"),
  go: () => import("shiki/langs/go.mjs"),
  graphql: () => import("shiki/langs/graphql.mjs"),
  html: () => import("shiki/langs/html.mjs"),
  java: () => import("shiki/langs/java.mjs"),
  javascript: () => import("shiki/langs/javascript.mjs"),
  json: () => import("shiki/langs/json.mjs"),
  jsonc: () => import("shiki/langs/jsonc.mjs"),
  jsx: () => import("shiki/langs/jsx.mjs"),
  kotlin: () => import("shiki/langs/kotlin.mjs"),
  lua: () => import("shiki/langs/lua.mjs"),
  make: () => import("shiki/langs/make.mjs"),
  markdown: () => import("shiki/langs/markdown.mjs"),
  php: () => import("shiki/langs/php.mjs"),
  python: () => import("shiki/langs/python.mjs"),
  ruby: () => import("shiki/langs/ruby.mjs"),
  rust: () => import("shiki/langs/rust.mjs"),
  sql: () => import("shiki/langs/sql.mjs"),
  swift: () => import("shiki/langs/swift.mjs"),
  toml: () => import("shiki/langs/toml.mjs"),
  tsx: () => import("shiki/langs/tsx.mjs"),
  typescript: () => import("shiki/langs/typescript.mjs"),
  xml: () => import("shiki/langs/xml.mjs"),
  yaml: () => import("shiki/langs/yaml.mjs"),
};

const otherNames: Record<string, string> = {
  "c++": "cpp",
  cc: "cpp",
  h: "c",
  hpp: "cpp",
  cs: "csharp",
  dockerfile: "docker",
  console: "bash",
  cjs: "javascript",
  cts: "typescript",
  golang: "go",
  gql: "graphql",
  htm: "html",
  js: "javascript",
  json5: "jsonc",
  kt: "kotlin",
  makefile: "make",
  md: "markdown",
  mjs: "javascript",
  mts: "typescript",
  py: "python",
  rb: "ruby",
  rs: "rust",
  sh: "bash",
  shell: "bash",
  shellscript: "bash",
  svg: "xml",
  ts: "typescript",
  yml: "yaml",
  zsh: "bash",
};

/** The grammar for a fence's word or a file's ending; null where there is none. */
export function languageFor(name: string): string | null {
  const word = name.trim().toLowerCase();
  const known = otherNames[word] ?? word;
  return Object.hasOwn(languages, known) ? known : null;
}

export function languageOfPath(path: string): string | null {
  const file = path.slice(path.lastIndexOf("/") + 1);
  return languageFor(file.slice(file.lastIndexOf(".") + 1));
}

/** Beyond this a reader scrolls rather than reads, and colouring would hold up the page. */
const LONGEST = 60_000;

let highlighter: Promise<HighlighterCore> | null = null;
const loading = new Map<string, Promise<void>>();

/** Lines of coloured pieces; null where the language is not known or the text too long. */
export async function colourCode(code: string, language: string): Promise<ColouredPiece[][] | null> {
  const load = languages[language];
  if (load === undefined || code.length > LONGEST) return null;
  highlighter ??= createHighlighter();
  const shiki = await highlighter;
  let loaded = loading.get(language);
  if (loaded === undefined) {
    loaded = load().then((grammar) => shiki.loadLanguage(grammar));
    loading.set(language, loaded);
  }
  await loaded;
  const { tokens } = shiki.codeToTokens(code, { lang: language, theme: "tideline" });
  return tokens.map((line) => line.map((token) => ({ text: token.content, color: token.color })));
}

async function createHighlighter(): Promise<HighlighterCore> {
  const [{ createCssVariablesTheme, createHighlighterCore }, { createJavaScriptRegexEngine }] = await Promise.all([
    import("shiki/core"),
    import("shiki/engine/javascript"),
  ]);
  return createHighlighterCore({
    themes: [createCssVariablesTheme({ name: "tideline", variablePrefix: "--code-" })],
    langs: [],
    // A pattern that JavaScript cannot express loses its colour, not the page.
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  });
}
