import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export const howToGetChromium =
  "No Chromium was found: install it (Debian: apt-get install chromium), name it with CHROMIUM_PATH, or go without with SKIP_BROWSER=1.";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const macOs = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The Chromium to test with: what `CHROMIUM_PATH` names, or the first one on the PATH; null when there is none. */
export function findChromium(env: NodeJS.ProcessEnv): string | null {
  if (env.CHROMIUM_PATH) return executable(env.CHROMIUM_PATH) ? env.CHROMIUM_PATH : null;
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const places = [...folders.flatMap((folder) => names.map((name) => join(folder, name))), ...macOs];
  return places.find(executable) ?? null;
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there or not ours to run: either way not the one to take.
    return false;
  }
}
