/** What `node --test` printed (its "spec" reporter), as far as a repair needs it. */
export interface TestRun {
  tests: number;
  passed: number;
  failed: number;
  failures: TestFailure[];
}

export interface TestFailure {
  name: string;
  /** The file of the test, relative to where the tests ran, and the line at which it begins. */
  file: string;
  line: number;
  /** The first line of the error. */
  message: string;
  expected: string | null;
  actual: string | null;
}

const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

/** Null when the output is not one that this understands. */
export function parseTestRun(output: string): TestRun | null {
  const plain = output.replace(ESCAPES, "").replaceAll("\r\n", "\n");
  const count = (word: string) => {
    const found = plain.match(new RegExp(`^(?:ℹ|#) ${word} (\\d+)$`, "m"))?.[1];
    return found === undefined ? null : Number(found);
  };
  const [tests, passed, failed] = [count("tests"), count("pass"), count("fail")];
  if (tests === null || passed === null || failed === null) return null;
  return { tests, passed, failed, failures: parseFailures(plain) };
}

function parseFailures(plain: string): TestFailure[] {
  const [, ...blocks] = plain.split(/^test at /m);
  return blocks.flatMap((block) => parseFailure(block) ?? []);
}

function parseFailure(block: string): TestFailure | null {
  const place = block.match(/^(.+):(\d+):\d+$/m);
  const name = block.match(/^✖ (.+?)(?: \([\d.]+ms\))?$/m)?.[1];
  if (place?.[1] === undefined || place[2] === undefined || name === undefined) return null;
  const lines = block.split("\n");
  const error = lines.slice(lines.findIndex((line) => line.startsWith("✖ ")) + 1);
  return {
    name,
    file: place[1].replace(/^file:\/\//, ""),
    line: Number(place[2]),
    message: error.find((line) => line.trim() !== "")?.trim() ?? "",
    expected: property(block, "expected"),
    actual: property(block, "actual"),
  };
}

/** `  expected: 7200,` in the printed error. */
function property(block: string, name: string): string | null {
  return block.match(new RegExp(`^\\s+${name}: (.+?),?$`, "m"))?.[1] ?? null;
}
