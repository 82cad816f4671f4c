import type { z } from "zod";
import { readFileParams, TOOL_OUTPUT_MAX_BYTES, type ReadFileResult } from "../../contract/tools.ts";
import { textOf, withoutByteOrderMark } from "../file-text.ts";
import type { AllowedPath } from "../paths.ts";
import { readFound } from "../safe-files.ts";
import { firstBytes } from "../text-window.ts";
import { ToolError } from "../tool-error.ts";
import type { Tool } from "./tool.ts";

const DEFAULT_LINES = 2000;
const LINE_MAX_BYTES = 1024;
const CUT_MARK = "… [line cut]";

export const readFile: Tool<z.infer<typeof readFileParams>> = {
  params: readFileParams,
  run(params, { workspace, signal }) {
    const find = () => workspace.roots.resolve(params.path);
    // In order with writes: a read that was asked for after a write shows it.
    return workspace.order.run(
      async () => [(await find()).real],
      async () => {
        signal.throwIfAborted();
        return readLines(await find(), params.offset ?? 1, params.limit ?? DEFAULT_LINES);
      },
    );
  },
};

async function readLines(path: AllowedPath, offset: number, limit: number): Promise<ReadFileResult> {
  const found = await readFound(path);
  if (!found) throw new ToolError(`${path.shown}: there is no such file.`);
  const lines = linesOf(withoutByteOrderMark(textOf(path.shown, found.content)));
  if (offset > Math.max(1, lines.length)) {
    throw new ToolError(`${path.shown} has ${lines.length} lines; there is no line ${offset}.`);
  }
  const shown = numbered(lines.slice(offset - 1, offset - 1 + limit), offset);
  return {
    content: shown.join("\n"),
    file_size: found.content.length,
    total_lines: lines.length,
    lines_read: shown.length,
  };
}

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
}

/** As many whole lines as an answer may carry. */
function numbered(lines: string[], first: number): string[] {
  const shown: string[] = [];
  let room = TOOL_OUTPUT_MAX_BYTES;
  for (const [index, line] of lines.entries()) {
    const text = `${first + index}\t${cutLine(line)}`;
    room -= Buffer.byteLength(text) + 1;
    if (room < 0) break;
    shown.push(text);
  }
  return shown;
}

function cutLine(line: string): string {
  const kept = firstBytes(line, LINE_MAX_BYTES);
  return kept.length === line.length ? line : kept + CUT_MARK;
}
