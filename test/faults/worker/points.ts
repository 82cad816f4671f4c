import { z } from "zod";

/** Where the test listens: `test/faults/support/control.ts`. The fault build runs under its tests alone. */
const settings = z.object({ FAULTS_URL: z.url() });

/** Tells the test that this point was reached. It answers when the caller may go on, or that the step shall fail. */
export async function ask(env: Env, point: string, of: string): Promise<"go" | "fail"> {
  const { FAULTS_URL: url } = settings.parse(env);
  const response = await fetch(url, { method: "POST", body: JSON.stringify({ point, of }) });
  return (await response.text()) === "fail" ? "fail" : "go";
}

/** As `ask`, and throws when the step shall fail. */
export async function pass(env: Env, point: string, of: string): Promise<void> {
  if ((await ask(env, point, of)) === "fail") throw new Error(`The test lets "${point}" fail.`);
}
