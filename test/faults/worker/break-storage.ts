import { ask } from "./points.ts";

/** All objects of a Worker share one isolate here, so their bindings share prototypes. */
const broken = new WeakSet<object>();

/** Puts the points `d1` and `r2` before every round trip to the database and the bucket. */
export function breakStorage(env: Env): void {
  breakDatabase(env);
  breakBucket(env);
}

/** What D1 and R2 say when the network to them is down. */
async function reach(env: Env, store: "d1" | "r2"): Promise<void> {
  if ((await ask(env, store, "")) === "go") return;
  throw new Error(
    store === "d1" ? "D1_ERROR: Network connection lost." : "get: We encountered an internal error. (10001)",
  );
}

function breakDatabase(env: Env): void {
  const prototype: D1Database = Object.getPrototypeOf(env.DB);
  if (broken.has(prototype)) return;
  broken.add(prototype);
  guard(prototype, "batch", () => reach(env, "d1"));
  const statement: D1PreparedStatement = Object.getPrototypeOf(env.DB.prepare("select 1"));
  for (const method of ["all", "first", "raw", "run"]) guard(statement, method, () => reach(env, "d1"));
}

function breakBucket(env: Env): void {
  const prototype: R2Bucket = Object.getPrototypeOf(env.FILES);
  if (broken.has(prototype)) return;
  broken.add(prototype);
  for (const method of ["get", "put", "delete"]) guard(prototype, method, () => reach(env, "r2"));
}

/** Lets `first` go before each call of the method. */
function guard(prototype: object, method: string, first: () => Promise<void>): void {
  const original: unknown = Reflect.get(prototype, method);
  if (typeof original !== "function") throw new Error(`There is no ${method} to break.`);
  Reflect.set(prototype, method, async function guarded(this: unknown, ...args: unknown[]): Promise<unknown> {
    await first();
    return Reflect.apply(original, this, args);
  });
}
