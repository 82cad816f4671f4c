import { dirname } from "node:path";
import type { z } from "zod";
import { editFilesParams } from "../../contract/tools.ts";
import { fileChangeResult } from "../file-change.ts";
import { textOf } from "../file-text.ts";
import type { AllowedPath, AllowedRoots } from "../paths.ts";
import { readFound, replaceFile } from "../safe-files.ts";
import { applyEdits } from "../text-edits.ts";
import { ToolError } from "../tool-error.ts";
import type { Tool } from "./tool.ts";

type EditFilesParams = z.infer<typeof editFilesParams>;

interface EditedFile {
  path: AllowedPath;
  before: string;
  after: string;
}

/** All files are checked before the first is written, and each is written in one step. */
export const editFiles: Tool<EditFilesParams> = {
  params: editFilesParams,
  run(params, { workspace, signal, touched }) {
    return workspace.order.run(
      () => Promise.all(params.files.map(async (file) => (await workspace.roots.resolve(file.path)).real)),
      async () => {
        const edited = await editAll(params, workspace.roots);
        signal.throwIfAborted();
        await writeAll(edited);
        for (const { path } of edited) touched(dirname(path.real));
        return fileChangeResult(
          edited.map(({ path, before, after }) => ({ path: path.shown, before: { text: before }, after })),
        );
      },
    );
  },
};

/** A file that is named twice gets the second edits on top of the first. */
async function editAll(params: EditFilesParams, roots: AllowedRoots): Promise<EditedFile[]> {
  const edited = new Map<string, EditedFile>();
  for (const { path: given, edits } of params.files) {
    const path = await roots.resolve(given);
    const file = edited.get(path.real) ?? (await readForEdit(path));
    edited.set(path.real, { ...file, after: applyEdits(path.shown, file.after, edits) });
  }
  return [...edited.values()];
}

async function readForEdit(path: AllowedPath): Promise<EditedFile> {
  const found = await readFound(path);
  if (!found) throw new ToolError(`${path.shown}: there is no such file. write_file makes new ones.`);
  const text = textOf(path.shown, found.content);
  return { path, before: text, after: text };
}

async function writeAll(files: EditedFile[]): Promise<void> {
  const written: string[] = [];
  for (const { path, after } of files) {
    try {
      await replaceFile(path, after);
    } catch (error) {
      if (!(error instanceof ToolError) || written.length === 0) throw error;
      throw new ToolError(`${error.message} Already written: ${written.join(", ")}.`);
    }
    written.push(path.shown);
  }
}
