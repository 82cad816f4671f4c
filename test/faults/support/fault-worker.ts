import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectDirectory } from "../../../src/cli/project.ts";
import { ensureBuild } from "../../../src/cli/web-build.ts";
import { wrangler } from "../../../src/cli/wrangler.ts";

interface FaultWorker {
  /** For `wrangler dev`, which then runs this build in the place of the product's. */
  args(faultsUrl: string): string[];
  remove(): void;
}

/**
 * Bundles the product with its points of failure, once for all starts of a test: `wrangler dev` on the sources would
 * compile at each start, and start anew whenever a file is saved.
 */
export async function bundleFaultWorker(): Promise<FaultWorker> {
  // Else there is no folder of pages to speak of.
  await ensureBuild(process.env, () => undefined);
  const folder = mkdtempSync(join(tmpdir(), "tideline-faults-"));
  const entry = join(projectDirectory, "test", "faults", "worker", "worker.ts");
  const outcome = await wrangler(["deploy", "--dry-run", "--outdir", folder, entry], { env: process.env });
  if (outcome.code !== 0) throw new Error(`The fault build could not be made:\n${outcome.stdout}${outcome.stderr}`);
  return {
    args: (url) => [
      // Else the settings would be looked for beside the script.
      ...["--config", join(projectDirectory, "wrangler.toml")],
      ...["--var", `FAULTS_URL:${url}`],
      // The script last, and not behind an option that takes several.
      ...["--no-bundle", "--log-level", "log", join(folder, "worker.js")],
    ],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
