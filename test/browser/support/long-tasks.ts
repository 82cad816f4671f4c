import type { Page } from "playwright-core";

/** What keeps the page from answering, as the browser itself reports it: tasks over 50 ms, in milliseconds. */
export interface LongTasks {
  /** Forgets what was until now. */
  clear(): Promise<void>;
  /** The longest since; 0 when there was none over 50 ms. */
  longest(): Promise<number>;
}

/** Watches the page that is open, until it is left. */
export async function watchLongTasks(page: Page): Promise<LongTasks> {
  await page.evaluate(() => {
    const observer = new PerformanceObserver((list) => {
      const known = (document.body.dataset.longTasks ?? "").split(",").filter((each) => each !== "");
      const fresh = list.getEntries().map((entry) => String(Math.round(entry.duration)));
      document.body.dataset.longTasks = [...known, ...fresh].join();
    });
    observer.observe({ type: "longtask" });
  });
  const settle = () => page.evaluate(() => new Promise((done) => setTimeout(done, 150)));
  return {
    async clear() {
      await settle();
      await page.evaluate(() => delete document.body.dataset.longTasks);
    },
    async longest() {
      await settle();
      const all = await page.evaluate(() => document.body.dataset.longTasks ?? "");
      return Math.max(0, ...all.split(",").map(Number));
    },
  };
}

/** The longest task of each of three rounds. */
export async function longestByRound(tasks: LongTasks, round: () => Promise<void>): Promise<number[]> {
  const rounds: number[] = [];
  for (let count = 0; count < 3; count++) {
    await tasks.clear();
    await round();
    rounds.push(await tasks.longest());
  }
  return rounds;
}

/**
 * How much longer than on its own the same work takes on this machine right now, because others use it, too:
 * measured on an empty page beside the one under test, with work that is none of ours. At least 1.
 */
export async function slowdown(page: Page): Promise<number> {
  const empty = await page.context().newPage();
  const factor = await empty.evaluate(async () => {
    const times: number[] = [];
    for (let count = 0; count < 40; count++) {
      const from = performance.now();
      let sum = 0;
      for (let step = 0; step < 5_000_000; step++) sum += Math.sqrt(step);
      if (sum > 0) times.push(performance.now() - from);
      await new Promise((done) => setTimeout(done, 10));
    }
    times.sort((a, b) => a - b);
    // Of the few that were slowest: a long task is the one that was hit, too.
    return (times[Math.floor(times.length * 0.9)] ?? 1) / (times[0] ?? 1);
  });
  await empty.close();
  return factor;
}
