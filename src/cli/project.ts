import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout that this program belongs to. */
export const projectDirectory = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A program that `npm ci` installed, by its name. */
export function installedProgram(name: string): string {
  return join(projectDirectory, "node_modules", ".bin", name);
}
