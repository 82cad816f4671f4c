import { readdir, readFile } from "node:fs/promises";
import { platform } from "node:os";
import { join } from "node:path";
import type { AgentInstructions } from "../contract/workspace.ts";
import { isText, withoutByteOrderMark } from "./file-text.ts";
import type { AllowedRoots } from "./paths.ts";
import { readFound } from "./safe-files.ts";
import { errorCode, ToolError } from "./tool-error.ts";
import { firstBytes } from "./text-window.ts";
import { say } from "./say.ts";

const FILE_MAX_BYTES = 64 * 1024;

/**
 * The AGENTS.md of the person at this machine, then that of the repository. The second comes from whoever
 * wrote the code, so a link in it must not lead out of the workspace.
 */
export async function readInstructions(roots: AllowedRoots, home: string): Promise<AgentInstructions> {
  const personal = join(home, ".tideline", "AGENTS.md");
  const files = [{ path: personal, content: await readPersonal(personal) }, ...(await readRepository(roots))];
  return {
    directory: roots.directory,
    os: platform(),
    files: files.flatMap(({ path, content }) => {
      const text = content && isText(content) ? cleaned(content.toString("utf8")) : "";
      return text === "" ? [] : [{ path, content: text }];
    }),
  };
}

async function readPersonal(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (errorCode(error) === null) throw error;
    return null; // Most people have none.
  }
}

async function readRepository(roots: AllowedRoots): Promise<{ path: string; content: Buffer | null }[]> {
  const names = (await readdir(roots.directory)).filter((name) => name.toLowerCase() === "agents.md").sort();
  const name = names[0]; // On a case-sensitive disk there can be several; AGENTS.md sorts first.
  if (name === undefined) return [];
  try {
    const found = await readFound(await roots.resolve(name));
    return [{ path: join(roots.directory, name), content: found?.content ?? null }];
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    say(`${name} is left out: ${error.message}`);
    return [];
  }
}

/** Comments are for people. */
function cleaned(text: string): string {
  const readable = withoutByteOrderMark(text)
    .replaceAll("\r\n", "\n")
    .replace(/<!--[\s\S]*?-->/g, "")
    .trim();
  return firstBytes(readable, FILE_MAX_BYTES);
}
