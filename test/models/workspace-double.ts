import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { cp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PromptMessage, ToolDefinition } from "../../src/chats/engine/ports.ts";
import type { Json } from "../../src/contract/common.ts";
import { editFilesParams, executeParams, readFileParams } from "../../src/contract/tools.ts";

/** The three tools that the demo drives, on real files and real processes of a temporary directory. */
export interface ToyWorkspace {
  directory: string;
  call(toolName: string, args: Json): Promise<{ result: Json; isError: boolean }>;
  read(path: string): Promise<string>;
  remove(): Promise<void>;
}

export const repairTools: ToolDefinition[] = ["execute", "read_file", "edit_files"].map((name) => ({
  name,
  description: name,
  parameters: { type: "object" },
}));

/** A copy of a directory, or one that holds the given files. */
export async function toyWorkspace(content: string | Record<string, string>): Promise<ToyWorkspace> {
  const directory = await mkdtemp(join(tmpdir(), "tideline-demo-"));
  if (typeof content === "string") await cp(content, directory, { recursive: true });
  else for (const [path, text] of Object.entries(content)) await writeFile(join(directory, path), text);
  const read = (path: string) => readFile(join(directory, path), "utf8");
  return {
    directory,
    read,
    remove: () => rm(directory, { recursive: true, force: true }),
    async call(toolName, args) {
      try {
        return { result: await run(toolName, args), isError: false };
      } catch (error) {
        return { result: { error: error instanceof Error ? error.message : String(error) }, isError: true };
      }
    },
  };

  async function run(toolName: string, args: Json): Promise<Json> {
    if (toolName === "execute") return execute(executeParams.parse(args).command);
    if (toolName === "read_file") {
      const text = await read(readFileParams.parse(args).path);
      const lines = text.replace(/\n$/, "").split("\n");
      const content = lines.map((line, index) => `${index + 1}\t${line}`).join("\n");
      return { content, file_size: text.length, total_lines: lines.length, lines_read: lines.length };
    }
    if (toolName !== "edit_files") throw new Error(`No tool ${toolName}`);
    for (const { path, edits } of editFilesParams.parse(args).files) {
      let text = await read(path);
      for (const { search, replace } of edits) {
        if (text.split(search).length !== 2) throw new Error(`The text does not occur once in ${path}`);
        text = text.replace(search, () => replace);
      }
      await writeFile(join(directory, path), text);
    }
    return { ok: true, files: [] };
  }

  function execute(command: string): Promise<Json> {
    // A test runner inside a test runner keeps silent unless it does not know.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    return new Promise((resolve) => {
      execFile("/bin/sh", ["-c", command], { cwd: directory, env }, (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
        resolve({ success: exitCode === 0, output: stdout + stderr, exit_code: exitCode, wall_duration_ms: 1 });
      });
    });
  }
}

export function userSays(text: string): PromptMessage {
  return { role: "user", parts: [{ type: "text", text }] };
}
