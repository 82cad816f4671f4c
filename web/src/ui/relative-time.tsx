import type { ReactNode } from "react";
import { useSyncExternalStore } from "react";
import { exactMoment, longAge, shortAge } from "./moments.ts";

/** One clock for all times on the page; a minute is the finest that is shown. */
const TICK_MS = 15_000;
let now = Date.now();
const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(watcher: () => void): () => void {
  watchers.add(watcher);
  now = Date.now();
  timer ??= setInterval(function tick() {
    now = Date.now();
    for (const each of watchers) each();
  }, TICK_MS);
  return function unsubscribe() {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The moment in epoch milliseconds, moved on every 15 s. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** A time relative to now, with the exact moment on hover. `at` is RFC 3339. */
export function RelativeTime({ at, short = false }: { at: string; short?: boolean }): ReactNode {
  const current = useNow();
  const moment = Date.parse(at);
  // The page's clock ticks in steps and may lag behind what just happened.
  const reference = moment > current && moment - current < 60_000 ? moment : current;
  return (
    <time dateTime={at} title={exactMoment(moment)} className="tabular whitespace-nowrap">
      {short ? shortAge(moment, reference) : longAge(moment, reference)}
    </time>
  );
}
