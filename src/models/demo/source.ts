/** A source file as `read_file` returned it. */
export interface SourceFile {
  path: string;
  lines: string[];
  /** The same lines with comments and the insides of strings blanked, so that only code is matched. */
  code: string[];
}

export interface Span {
  name: string;
  /** Indexes into `lines`, both included. */
  first: number;
  last: number;
}

export interface Import {
  names: string[];
  from: string;
}

/** Each line comes as `<number>\t<text>`. */
export function sourceFile(path: string, numbered: string): SourceFile {
  const lines = numbered
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\d+\t/, ""));
  return { path, lines, code: blankOut(lines.join("\n")).split("\n") };
}

/** Functions and constants at the top of a file. */
export function declarations(file: SourceFile): Span[] {
  return file.code.flatMap((line, first) => {
    const name = line.match(/^(?:export\s+)?(?:default\s+)?(?:(?:async\s+)?function\s*\*?|const|let|class)\s+([\w$]+)/);
    return name?.[1] === undefined ? [] : [{ name: name[1], first, last: endOfBlock(file, first) }];
  });
}

/** The last line of what begins on this one: where its brackets are closed again. */
export function endOfBlock(file: SourceFile, first: number): number {
  let depth = 0;
  for (let index = first; index < file.code.length; index += 1) {
    for (const character of file.code[index] ?? "") {
      if ("([{".includes(character)) depth += 1;
      if (")]}".includes(character)) depth -= 1;
    }
    if (depth <= 0) return index;
  }
  return file.code.length - 1;
}

/** Imports of files of the project. */
export function ownImports(file: SourceFile): Import[] {
  // Strings are blank in `code`, and what stands in them is what is wanted.
  const statements = file.lines.join("\n").matchAll(/^import\s+([^"';]+?)\s+from\s+["'](\.[^"']+)["']/gm);
  return [...statements].map(([, clause = "", from = ""]) => ({ names: wordsIn(clause), from }));
}

/** The path that an import in one file leads to. */
export function importedPath(importer: string, from: string): string {
  const parts = importer.split("/").slice(0, -1);
  for (const part of from.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  const path = parts.join("/");
  const ending = importer.match(/\.[a-z]+$/)?.[0] ?? ".js";
  return /\.[a-z]+$/.test(path) ? path : `${path}${ending}`;
}

export function wordsIn(code: string): string[] {
  return code.match(/[A-Za-z_$][\w$]*/g) ?? [];
}

/** Numbers that stand in code for themselves, not as part of a name. */
export function numbersIn(code: string): string[] {
  return code.match(/(?<![\w$.])\d+(?:\.\d+)?(?![\w$])/g) ?? [];
}

export function codeOf(file: SourceFile, { first, last }: Pick<Span, "first" | "last">): string {
  return file.code.slice(first, last + 1).join("\n");
}

/** Keeps every position: a blanked character becomes a space, and line breaks stay. */
function blankOut(text: string): string {
  const pattern = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;
  return text.replace(pattern, (found) => found.replace(/[^\n]/g, " "));
}
