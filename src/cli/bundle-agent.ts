import { chmod, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { z } from "zod";

const root = new URL("../../", import.meta.url);

/** Where the Worker's assets have the agent; a person downloads and starts this one file. */
const AGENT_BUNDLE = fileURLToPath(new URL("web/dist/tideline-agent.cjs", root));

/**
 * Bundles the workspace agent into one file for any Node from 22 on. CommonJS, because `ws` calls `require`,
 * which an ES module bundle does not have.
 */
export async function bundleAgent(outfile: string = AGENT_BUNDLE): Promise<void> {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(new URL("package.json", root), "utf8")));
  await build({
    entryPoints: [fileURLToPath(new URL("src/agent/main.ts", root))],
    outfile,
    bundle: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "inline",
    // Optional native parts of ws: it looks for them and does without.
    external: ["bufferutil", "utf-8-validate"],
    banner: { js: `#!/usr/bin/env node\n// Tideline workspace agent ${version}` },
    define: { __TIDELINE_AGENT_VERSION__: JSON.stringify(version) },
    logLevel: "warning",
  });
  await chmod(outfile, 0o755);
}

if (import.meta.main) await bundleAgent();
