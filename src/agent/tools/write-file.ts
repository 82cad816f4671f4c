import { dirname } from "node:path";
import type { z } from "zod";
import { writeFileParams } from "../../contract/tools.ts";
import { fileChangeResult, type FileChange } from "../file-change.ts";
import { isText, textOf } from "../file-text.ts";
import { readFound, replaceFile, type FoundFile } from "../safe-files.ts";
import type { Tool } from "./tool.ts";

export const writeFile: Tool<z.infer<typeof writeFileParams>> = {
  params: writeFileParams,
  run(params, { workspace, signal, touched }) {
    const find = () => workspace.roots.resolve(params.path);
    return workspace.order.run(
      async () => [(await find()).real],
      async () => {
        const path = await find();
        const before = textBefore(path.shown, await readFound(path));
        signal.throwIfAborted();
        await replaceFile(path, params.content);
        touched(dirname(path.real));
        return fileChangeResult([{ path: path.shown, before, after: params.content }]);
      },
    );
  },
};

function textBefore(shown: string, found: FoundFile | null): FileChange["before"] {
  if (!found) return "none";
  return isText(found.content) ? { text: textOf(shown, found.content) } : "binary";
}
