import { z } from "zod";
import type { Json } from "../../contract/common.ts";
import {
  editFilesParams,
  executeParams,
  executeResult,
  readFileParams,
  readFileResult,
  toolError,
} from "../../contract/tools.ts";
import { candidatesFor, type Candidate } from "./candidates.ts";
import type { Exchange } from "./conversation.ts";
import { codeOf, endOfBlock, importedPath, ownImports, sourceFile, wordsIn, type SourceFile } from "./source.ts";
import { parseTestRun, type TestFailure, type TestRun } from "./test-output.ts";

/** What the demo says and calls next. Without calls the turn is over. */
export interface Step {
  text: string;
  calls: { toolName: string; args: Json }[];
}

export const HOW_TO_ADD_A_MODEL =
  "For a real model, add a provider in Settings → Providers, or set `ANTHROPIC_API_KEY`, `OPENAI_API_KEY`, `GEMINI_API_KEY` or `OLLAMA_HOST` before `npm start`.";

const TEST_COMMAND = "npm test";
const TEST_TIMEOUT = "2m";
/** Each try runs the tests once; after so many a person is quicker. */
const MAX_TRIES = 5;
/** How many files one step opens. */
const MAX_READS = 6;

/**
 * The next step of the repair, worked out from everything that the tools have returned so far: run the
 * tests, open the failing one, follow its imports, try the likeliest change, run the tests, undo what
 * does not help.
 */
export function nextRepairStep(done: readonly Exchange[]): Step {
  if (done.length === 0) return { text: "I run the tests first.", calls: [runTests()] };
  const failed = done.find(({ isError }) => isError);
  if (failed !== undefined) return toolFailed(failed);

  const runs = done.filter(({ toolName }) => toolName === "execute");
  const before = testRunOf(runs[0]);
  if (before.kind === "unclear") return says(before.words);
  if (before.run.failed === 0) return says(`${allPass(before.run.tests)}. There is nothing to fix.`);
  const failure = before.run.failures[0];
  if (failure === undefined) return says("A test fails, but its output does not say where. I cannot go on from here.");

  const files = readFiles(done);
  const test = files.get(failure.file);
  if (test === undefined) return openTest(before.run, failure);
  const unread = unreadSources(failure, test, files);
  if (unread !== null) return unread;
  const sources = [...files.values()].filter((file) => file !== test);
  return tryCandidates(before.run, failure, candidatesFor(failure, test, sources), files, done);
}

function openTest(run: TestRun, failure: TestFailure): Step {
  const outcome =
    failure.expected === null || failure.actual === null
      ? `It says: ${code(failure.message)}.`
      : `It expects ${code(failure.expected)} and gets ${code(failure.actual)}.`;
  const text = `${run.failed} of ${run.tests} tests ${run.failed === 1 ? "fails" : "fail"}: **${failure.name}**. ${outcome}\n\nI open the test.`;
  return { text, calls: [readFile(failure.file)] };
}

/** Opens what the test imports and uses, then what that imports; null when all of it has been read. */
function unreadSources(failure: TestFailure, test: SourceFile, files: Map<string, SourceFile>): Step | null {
  const first = failure.line - 1;
  const usedByTest = new Set(wordsIn(codeOf(test, { first, last: endOfBlock(test, first) })));
  const direct = ownImports(test).filter(({ names }) => names.some((name) => usedByTest.has(name)));
  const directPaths = direct.map(({ from }) => importedPath(test.path, from));
  const unreadDirect = directPaths.filter((path) => !files.has(path));
  if (unreadDirect.length > 0) {
    const names = direct.flatMap(({ names: imported }) => imported.filter((name) => usedByTest.has(name)));
    return open(unreadDirect, `The test calls ${list(names.map(code))}. I read where that comes from.`);
  }
  const indirectPaths = directPaths.flatMap((path) => {
    const file = files.get(path);
    return file === undefined ? [] : ownImports(file).map(({ from }) => importedPath(path, from));
  });
  const unreadIndirect = [...new Set(indirectPaths)].filter((path) => !files.has(path));
  // Only one level further: deeper files hardly say more, and reading takes a person's time.
  if (unreadIndirect.length === 0) return null;
  return open(unreadIndirect, `That builds on ${list(unreadIndirect.slice(0, MAX_READS).map(code))}. I read on.`);
}

function open(paths: readonly string[], text: string): Step {
  return { text, calls: paths.slice(0, MAX_READS).map(readFile) };
}

function tryCandidates(
  before: TestRun,
  failure: TestFailure,
  candidates: readonly Candidate[],
  files: Map<string, SourceFile>,
  done: readonly Exchange[],
): Step {
  const edits = done.filter(({ toolName }) => toolName === "edit_files").length;
  // Edits take turns: a change, and its undoing when it did not help.
  const applied = edits % 2 === 1;
  const tries = Math.ceil(edits / 2);
  const current = candidates[tries - 1];
  if (!applied) return tryNext(tries, candidates, files, failure);
  if (current === undefined)
    return says("I have lost track of my own changes. Look at the working copy before you go on.");
  if (done.at(-1)?.toolName === "edit_files") return { text: "Now the tests again.", calls: [runTests()] };

  const after = testRunOf(done.at(-1));
  if (after.kind === "clear" && isBetter(before, after.run, failure)) return summary(before, after.run, current);
  const text = "That does not help. I take the change back.";
  return { text, calls: [edit(current, files, "undo")] };
}

function tryNext(
  tries: number,
  candidates: readonly Candidate[],
  files: Map<string, SourceFile>,
  failure: TestFailure,
): Step {
  const next = candidates[tries];
  if (next === undefined || tries >= MAX_TRIES) return givesUp(tries, failure);
  const text = `${next.why}\n\nIn ${code(next.path)}, line ${next.line}, I change ${code(next.before.trim())} to ${code(next.after.trim())}.`;
  return { text, calls: [edit(next, files, "apply")] };
}

function isBetter(before: TestRun, after: TestRun, failure: TestFailure): boolean {
  const stillFails = after.failures.some(({ name, file }) => name === failure.name && file === failure.file);
  return !stillFails && after.failed < before.failed && after.tests >= before.tests;
}

function summary(before: TestRun, after: TestRun, change: Candidate): Step {
  const rest =
    after.failed === 0
      ? `${allPass(after.tests)} now; before it were ${before.passed}.`
      : `${after.passed} of ${after.tests} tests pass now; before it were ${before.passed}. ${after.failed} still ${after.failed === 1 ? "fails" : "fail"}: ask me again to look at the next one.`;
  const what = `- ${code(change.path)}, line ${change.line}: ${code(change.before.trim())} became ${code(change.after.trim())}`;
  return says(`${rest}\n\n${what}\n- Why: ${change.why}\n\n${HOW_TO_ADD_A_MODEL}`);
}

function allPass(tests: number): string {
  return tests === 1 ? "The 1 test passes" : `All ${tests} tests pass`;
}

function givesUp(tries: number, failure: TestFailure): Step {
  const tried =
    tries === 0
      ? "I found nothing in the code that I know how to change."
      : `I tried ${tries} ${tries === 1 ? "change" : "changes"} and took each back, since none helped.`;
  return says(
    `${tried} **${failure.name}** still fails, and the files are as they were. I am a script that knows a few common mistakes; a real model would look further.`,
  );
}

function toolFailed({ toolName, result }: Exchange): Step {
  const error = toolError.safeParse(result).data?.error ?? JSON.stringify(result);
  return says(
    `The tool ${code(toolName)} could not do its work: ${error}\n\nI stop here. Once that is solved, for example when the workspace's agent is connected again, ask me once more.`,
  );
}

type ReadRun = { kind: "clear"; run: TestRun } | { kind: "unclear"; words: string };

function testRunOf(exchange: Exchange | undefined): ReadRun {
  const result = executeResult.safeParse(exchange?.result).data;
  if (result === undefined) return { kind: "unclear", words: "The command's result is not one that I can read." };
  if (result.background_process_id !== undefined) {
    return { kind: "unclear", words: `The tests did not end within ${TEST_TIMEOUT}, so I stop here.` };
  }
  const run = parseTestRun(result.output ?? "");
  if (run !== null) return { kind: "clear", run };
  const words = `${code(TEST_COMMAND)} ended with exit code ${result.exit_code}, but its output is not one that I know. I can read what ${code("node --test")} prints.`;
  return { kind: "unclear", words };
}

const pathArgs = z.object({ path: z.string() });

function readFiles(done: readonly Exchange[]): Map<string, SourceFile> {
  const files = new Map<string, SourceFile>();
  for (const { toolName, args, result } of done) {
    if (toolName !== "read_file") continue;
    const path = pathArgs.safeParse(args).data?.path;
    const content = readFileResult.safeParse(result).data?.content;
    if (path !== undefined && content !== undefined) files.set(path, sourceFile(path, content));
  }
  return files;
}

function runTests() {
  return { toolName: "execute", args: executeParams.parse({ command: TEST_COMMAND, timeout: TEST_TIMEOUT }) };
}

function readFile(path: string) {
  return { toolName: "read_file", args: readFileParams.parse({ path }) };
}

function edit(candidate: Candidate, files: Map<string, SourceFile>, direction: "apply" | "undo") {
  const lines = files.get(candidate.path)?.lines ?? [];
  const changed = lines.with(candidate.line - 1, candidate.after);
  const [from, to] = direction === "apply" ? [lines, changed] : [changed, lines];
  const { first, last } = uniqueBlock(from, candidate.line - 1);
  const search = from.slice(first, last + 1).join("\n");
  const replace = to.slice(first, last + 1).join("\n");
  return {
    toolName: "edit_files",
    args: editFilesParams.parse({ files: [{ path: candidate.path, edits: [{ search, replace }] }] }),
  };
}

/** The line with as many around it as make it the only one of its kind: an edit must find one place. */
function uniqueBlock(lines: readonly string[], index: number): { first: number; last: number } {
  const text = lines.join("\n");
  let [first, last] = [index, index];
  const isUnique = () => text.split(lines.slice(first, last + 1).join("\n")).length === 2;
  while (!isUnique() && (first > 0 || last < lines.length - 1)) {
    first = Math.max(0, first - 1);
    last = Math.min(lines.length - 1, last + 1);
  }
  return { first, last };
}

function says(text: string): Step {
  return { text, calls: [] };
}

function code(text: string): string {
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}

function list(items: readonly string[]): string {
  const [last, ...rest] = [...new Set(items)].toReversed();
  return rest.length === 0 ? (last ?? "") : `${rest.toReversed().join(", ")} and ${last}`;
}
