import { codeOf, declarations, endOfBlock, numbersIn, wordsIn, type SourceFile, type Span } from "./source.ts";
import type { TestFailure } from "./test-output.ts";

/** One small change that may be the fix, with the reason to try it. */
export interface Candidate {
  path: string;
  /** Counted from 1. */
  line: number;
  before: string;
  after: string;
  why: string;
  score: number;
}

interface Suspect {
  file: SourceFile;
  span: Span;
  /** How many calls away from the test it is. */
  depth: number;
}

interface Evidence {
  /** Numbers that the test puts in, without those that it expects or got. */
  inputs: string[];
  difference: number | null;
  isBoolean: boolean;
}

interface Swap {
  pattern: RegExp;
  replacement: string;
  says: string;
  score: (evidence: Evidence) => number;
}

const byOne = (evidence: Evidence) => (evidence.difference === 1 ? 50 : 15);
const whenBoolean = (evidence: Evidence) => (evidence.isBoolean ? 45 : 10);
const rounding = (evidence: Evidence) =>
  evidence.difference !== null && evidence.difference > 0 && evidence.difference <= 1 ? 55 : 12;
const never = () => 5;

/** Mistakes of one token that people make, and the other way to write each. */
const SWAPS: Swap[] = [
  { pattern: /Math\.floor/g, replacement: "Math.ceil", says: "rounds down where up may be meant", score: rounding },
  { pattern: /Math\.ceil/g, replacement: "Math.floor", says: "rounds up where down may be meant", score: rounding },
  {
    pattern: /Math\.(?:floor|trunc)/g,
    replacement: "Math.round",
    says: "cuts where it may have to round",
    score: rounding,
  },
  { pattern: / - 1\b/g, replacement: "", says: "takes one off that may belong there", score: byOne },
  { pattern: / \+ 1\b/g, replacement: "", says: "adds one that may not belong there", score: byOne },
  { pattern: / && /g, replacement: " || ", says: "asks for both where one may be enough", score: whenBoolean },
  { pattern: / \|\| /g, replacement: " && ", says: "is content with one where both may be needed", score: whenBoolean },
  { pattern: / === /g, replacement: " !== ", says: "may have its question the wrong way round", score: whenBoolean },
  { pattern: / !== /g, replacement: " === ", says: "may have its question the wrong way round", score: whenBoolean },
  { pattern: / \+ /g, replacement: " - ", says: "adds what it may have to take off", score: never },
  { pattern: / - /g, replacement: " + ", says: "takes off what it may have to add", score: never },
  { pattern: / \* /g, replacement: " / ", says: "multiplies where it may have to divide", score: never },
];

const COMPARISON = /(?<left>[\w$.]+) (?<operator><=?|>=?) (?<right>[\w$.]+)/g;
const OTHER_SIDE: Record<string, string> = { "<": "<=", "<=": "<", ">": ">=", ">=": ">" };

/** The changes worth trying, the likeliest first, from what the test puts in and what the code does with it. */
export function candidatesFor(failure: TestFailure, test: SourceFile, sources: readonly SourceFile[]): Candidate[] {
  const testSpan = { first: failure.line - 1, last: endOfBlock(test, failure.line - 1) };
  const evidence = evidenceOf(failure, codeOf(test, testSpan));
  const suspects = reachableFrom(codeOf(test, testSpan), sources);
  const candidates = suspects.flatMap((suspect) => candidatesIn(suspect, suspects, evidence));
  return candidates.toSorted((a, b) => b.score - a.score || a.path.localeCompare(b.path) || a.line - b.line);
}

function evidenceOf({ expected, actual }: TestFailure, testCode: string): Evidence {
  const [wanted, got] = [Number(expected ?? Number.NaN), Number(actual ?? Number.NaN)];
  const outcomes = [expected, actual];
  return {
    inputs: numbersIn(testCode).filter((number) => !outcomes.includes(number)),
    difference: Number.isFinite(wanted) && Number.isFinite(got) ? Math.abs(wanted - got) : null,
    isBoolean: expected === "true" || expected === "false",
  };
}

/** Follows names from the test into the sources: what it calls, what that calls, and the tables they use. */
function reachableFrom(testCode: string, sources: readonly SourceFile[]): Suspect[] {
  const known = sources.flatMap((file) => declarations(file).map((span) => ({ file, span })));
  const reached = new Map<string, Suspect>();
  let names = new Set(wordsIn(testCode));
  for (let depth = 0; names.size > 0 && depth < 5; depth += 1) {
    const found = known.filter(({ file, span }) => names.has(span.name) && !reached.has(key(file, span)));
    for (const { file, span } of found) reached.set(key(file, span), { file, span, depth });
    names = new Set(found.flatMap(({ file, span }) => wordsIn(codeOf(file, span))));
  }
  return [...reached.values()];
}

function key(file: SourceFile, span: Span): string {
  return `${file.path}#${span.name}`;
}

function candidatesIn(suspect: Suspect, suspects: readonly Suspect[], evidence: Evidence): Candidate[] {
  const { file, span, depth } = suspect;
  const candidates: Candidate[] = [];
  for (let index = span.first; index <= span.last; index += 1) {
    const code = file.code[index] ?? "";
    const add = (start: number, length: number, replacement: string, why: string, score: number) => {
      const before = file.lines[index] ?? "";
      const after = before.slice(0, start) + replacement + before.slice(start + length);
      candidates.push({ path: file.path, line: index + 1, before, after, why, score: score - depth });
    };
    for (const found of code.matchAll(COMPARISON)) {
      const { left = "", operator = "", right = "" } = found.groups ?? {};
      const swapped = OTHER_SIDE[operator] ?? operator;
      const { why, score } = judgeComparison({ left, operator, right }, suspect, suspects, evidence);
      add(found.index + left.length + 1, operator.length, swapped, why, score);
    }
    for (const { pattern, replacement, says, score } of SWAPS) {
      for (const found of code.matchAll(pattern)) {
        add(found.index, found[0].length, replacement, `\`${span.name}\` ${says}.`, score(evidence));
      }
    }
  }
  return candidates;
}

/**
 * A value exactly on a boundary is where comparisons go wrong. So the question is whether the test puts
 * in a number that this comparison compares with: written there, in a constant, or in a table beside it.
 */
function judgeComparison(
  { left, operator, right }: { left: string; operator: string; right: string },
  suspect: Suspect,
  suspects: readonly Suspect[],
  { inputs, difference }: Evidence,
): { why: string; score: number } {
  const written = `\`${left} ${operator} ${right}\``;
  const name = `\`${suspect.span.name}\``;
  const [limit] = numbersOf(right, suspect, suspects);
  const isFixed = limit !== undefined && !right.includes(".");
  if (isFixed && inputs.includes(limit)) {
    return { why: `The test uses ${limit}, and ${name} asks ${written}: exactly the boundary.`, score: 100 };
  }
  // It compares with a number that the test never comes near.
  if (isFixed) return { why: `${name} may draw the line of ${written} on the wrong side.`, score: 2 };
  const table = tableWith(inputs, suspect, suspects);
  if (table !== null) {
    const why = `The test uses ${table.number}, which stands in \`${table.name}\` too, and ${name} asks ${written} there: a value exactly on the boundary falls on the wrong side.`;
    return { why, score: 90 };
  }
  const why = `${name} may draw the line of ${written} on the wrong side.`;
  return { why, score: difference === 1 ? 45 : 20 };
}

/** The numbers behind one side of a comparison: itself, or the constant that it names. */
function numbersOf(side: string, { file }: Suspect, suspects: readonly Suspect[]): string[] {
  const [own] = numbersIn(side);
  if (own !== undefined) return [own];
  const constant = suspects.find((other) => other.file === file && other.span.name === side);
  return constant === undefined ? [] : numbersIn(codeOf(file, constant.span).split("=").slice(1).join("="));
}

/** A constant that the function reads and that holds a number which the test puts in. */
function tableWith(
  inputs: readonly string[],
  { file, span }: Suspect,
  suspects: readonly Suspect[],
): { name: string; number: string } | null {
  const used = new Set(wordsIn(codeOf(file, span)));
  for (const other of suspects) {
    if (other.file !== file || other.span === span || !used.has(other.span.name)) continue;
    const number = numbersIn(codeOf(file, other.span)).find((candidate) => inputs.includes(candidate));
    if (number !== undefined) return { name: other.span.name, number };
  }
  return null;
}
