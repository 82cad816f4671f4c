import { installedProgram, projectDirectory } from "./project.ts";
import { run, type Outcome } from "./child-process.ts";

/** How every wrangler of ours runs: nothing asked, nothing reported home, no registry shared between checkouts. */
export function wranglerEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...env,
    NO_COLOR: "1",
    FORCE_COLOR: "0",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_HIDE_BANNER: "true",
    // Else miniflare asks the internet for a sample of request.cf.
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    // Else local development traces every request, query and log line, and all of it takes up to twice as long.
    X_LOCAL_OBSERVABILITY: "false",
  };
}

/** Runs wrangler to its end in the project's folder. */
export function wrangler(
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; input?: string },
): Promise<Outcome> {
  return run(installedProgram("wrangler"), args, {
    cwd: projectDirectory,
    env: wranglerEnvironment(options.env),
    ...(options.input !== undefined && { input: options.input }),
  });
}

/** What wrangler complained of, without colours, file paths of its logs and advice to update. */
export function complaint(outcome: Outcome): string {
  const lines = `${outcome.stderr}\n${outcome.stdout}`
    // eslint-disable-next-line no-control-regex -- wrangler colours some lines whatever NO_COLOR says
    .replace(/\u001b\[[0-9;]*m/g, "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^(🪵|⛅|─+$|▲ \[WARNING\]|Logs were written)/u.test(line));
  const errors = lines.filter((line) => /ERROR|error/.test(line));
  return (errors.length > 0 ? errors : lines).slice(-6).join("\n");
}
