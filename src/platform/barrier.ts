/** Defined as true by fault tests alone (`wrangler dev --define __BARRIERS__:true`); elsewhere it does not exist. */
declare const __BARRIERS__: boolean | undefined;

/**
 * A named point in a turn at which a fault test kills the process: when `armed` (the setting `BARRIER`) is `name`,
 * writes the log line `barrier:<name>` and never settles. Anywhere but in fault tests it does nothing, whatever
 * the setting says, so that no deployment can be stopped by a variable.
 */
export function barrier(name: string, armed: string | undefined): Promise<void> {
  if (typeof __BARRIERS__ === "undefined" || !__BARRIERS__ || armed !== name) return Promise.resolve();
  // eslint-disable-next-line no-console -- the test waits for exactly this line
  console.log(`barrier:${name}`);
  return new Promise(() => undefined);
}
