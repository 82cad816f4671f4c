import type { ContestantName } from "./contestants/contestant.ts";
import { maximum, median } from "./figures/statistics.ts";
import type { Figure } from "./report.ts";
import type { Answers, Measurement } from "./task.ts";

/** The figures, and what each must be. */

type Who = ContestantName | "counted";
export type Measure = <Kind extends Measurement["kind"]>(
  who: Who,
  measurement: Extract<Measurement, { kind: Kind }>,
) => Promise<Answers[Kind]>;

interface FigureGroup {
  needs: readonly Who[];
  measure(measure: Measure, quick: boolean): Promise<Figure[]>;
}

const contestants = ["ours", "peer", "bare"] as const;
const TOKENS = 3_000;

export const figureGroups: Record<string, FigureGroup> = {
  throughput: { needs: contestants, measure: measureThroughput },
  first_token: { needs: contestants, measure: measureFirstToken },
  pace: { needs: contestants, measure: measurePace },
  resume: { needs: ["ours", "peer"], measure: measureResume },
  step: { needs: ["counted"], measure: measureStep },
  child: { needs: ["ours"], measure: measureChild },
  many: { needs: ["ours"], measure: measureMany },
  memory: { needs: ["ours"], measure: measureMemory },
};

/** Contestants take turns, so that what else the machine does hits all of them alike; the median of the rounds counts. */
async function rounds(count: number, one: (who: ContestantName) => Promise<number>) {
  const values: Record<ContestantName, number[]> = { ours: [], peer: [], bare: [] };
  for (let round = 0; round < count; round++) {
    for (const who of contestants) values[who].push(await one(who));
  }
  return { ours: median(values.ours), peer: median(values.peer), bare: median(values.bare) };
}

async function measureThroughput(measure: Measure, quick: boolean): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { sockets, bar, times } of [
    { sockets: 1, bar: 3.5, times: 5 },
    { sockets: 20, bar: 7, times: 3 },
    { sockets: 100, bar: 15, times: 3 },
  ]) {
    const tokens = quick ? 200 : sockets === 100 ? 1_000 : TOKENS;
    const rates = await rounds(quick ? 1 : times, (who) => measure(who, { kind: "throughput", sockets, tokens }));
    const ratio = rates.ours / rates.peer;
    const title = `tokens/s delivered, ${sockets} socket${sockets === 1 ? "" : "s"}`;
    const key = `throughput_${sockets}`;
    figures.push({ key, title, ...rates, ratio, bar: `≥ ${bar} × peer`, met: ratio >= bar });
    if (sockets > 1) continue;
    const beside = rates.ours / rates.bare;
    figures.push({
      key: "throughput_1_bare",
      title: `${title}, beside bare`,
      ...rates,
      ratio: beside,
      bar: "≥ 0.8 × bare",
      met: beside >= 0.8,
    });
  }
  return figures;
}

async function measureFirstToken(measure: Measure, quick: boolean): Promise<Figure[]> {
  const turns = quick ? 3 : 30;
  const times = await rounds(quick ? 1 : 3, (who) => measure(who, { kind: "firstToken", turns }));
  const ratio = times.ours / times.peer;
  const title = "first token, p50, warm, ms";
  return [
    { key: "first_token", title, ...times, ratio, bar: "≤ peer", met: ratio <= 1 },
    {
      key: "first_token_bare",
      title: "first token beyond bare, ms",
      ...times,
      ours: times.ours - times.bare,
      ratio: null,
      bar: "≤ bare + 10 ms",
      met: times.ours - times.bare <= 10,
    },
  ];
}

async function measurePace(measure: Measure, quick: boolean): Promise<Figure[]> {
  const wanted = { kind: "pace", sockets: 10, tokens: quick ? 50 : 1_000, perSecond: 100 } as const;
  const ours = await measure("ours", wanted);
  const peer = await measure("peer", wanted);
  const bare = await measure("bare", wanted);
  const figure = (key: string, title: string, which: "p95" | "gap", bar: number): Figure => ({
    key,
    title,
    ours: ours[which],
    peer: peer[which],
    bare: bare[which],
    ratio: null,
    bar: `≤ ${bar} ms`,
    met: ours[which] <= bar,
  });
  return [
    figure("pace_delay", "added delay per token, 100 tokens/s, p95, ms", "p95", 35),
    figure("pace_gap", "longest gap that upstream did not have, ms", "gap", 60),
  ];
}

async function measureResume(measure: Measure, quick: boolean): Promise<Figure[]> {
  const wanted = { kind: "resume", parts: quick ? 200 : 2_000, repeats: quick ? 2 : 20 } as const;
  const ours = await measure("ours", wanted);
  const peer = await measure("peer", wanted);
  const ratio = ours.ms / peer.ms;
  return [
    {
      key: "resume",
      title: `resume, ${wanted.parts} parts missed, ms`,
      ours: ours.ms,
      peer: peer.ms,
      bare: null,
      ratio,
      bar: "≤ ¼ of peer",
      met: ratio <= 0.25,
    },
    {
      key: "resume_bytes",
      title: "resume, bytes per byte of missing text",
      ours: ours.bytesRatio,
      peer: peer.bytesRatio,
      bare: null,
      ratio: ours.bytesRatio,
      bar: "≤ 1.2",
      met: ours.bytesRatio <= 1.2,
    },
  ];
}

async function measureStep(measure: Measure, quick: boolean): Promise<Figure[]> {
  const steps = quick ? 3 : 60;
  // Short and long take turns for the same reason as contestants do.
  const [small, large, again, largeAgain] = [
    await measure("counted", { kind: "stepCost", messages: 10, steps }),
    await measure("counted", { kind: "stepCost", messages: quick ? 100 : 5_000, steps }),
    await measure("counted", { kind: "stepCost", messages: 10, steps }),
    await measure("counted", { kind: "stepCost", messages: quick ? 100 : 5_000, steps }),
  ];
  const figure = (key: string, title: string, which: keyof typeof small): Figure => {
    const before = (small[which] + again[which]) / 2;
    const after = (large[which] + largeAgain[which]) / 2;
    const ratio = after / before;
    return { key, title, ours: after, peer: null, bare: null, ratio, bar: "≤ 1.2 × at 10", met: ratio <= 1.2 };
  };
  return [
    figure("step_rows_read", "a step at 5,000 messages: rows read", "rowsRead"),
    figure("step_rows_written", "a step at 5,000 messages: rows written", "rowsWritten"),
    figure("step_d1", "a step at 5,000 messages: D1 round trips", "d1"),
    figure("step_cpu", "a step at 5,000 messages: server CPU, ms", "cpuMs"),
  ];
}

async function measureChild(measure: Measure, quick: boolean): Promise<Figure[]> {
  const ours = await measure("ours", { kind: "child", children: quick ? 3 : 40 });
  const title = "child settles → parent's result stored, p95, ms";
  return [{ key: "child", title, ours, peer: null, bare: null, ratio: null, bar: "≤ 20 ms", met: ours <= 20 }];
}

async function measureMany(measure: Measure, quick: boolean): Promise<Figure[]> {
  const chats = quick ? 5 : 100;
  const tokens = quick ? 50 : 500;
  const single: number[] = [];
  const many: number[] = [];
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    single.push(await measure("ours", { kind: "throughput", sockets: 1, tokens: quick ? 200 : TOKENS }));
    many.push(await measure("ours", { kind: "manyChats", chats, tokens }));
  }
  const ours = median(many);
  const ratio = ours / maximum(single);
  return [
    {
      key: "many_chats",
      title: `tokens/s, ${chats} chats at once, a socket each`,
      ours,
      peer: null,
      bare: null,
      ratio,
      bar: "≥ 0.8 × best single",
      met: ratio >= 0.8,
    },
  ];
}

async function measureMemory(measure: Measure, quick: boolean): Promise<Figure[]> {
  const ours = await measure("ours", {
    kind: "slowReaders",
    sockets: quick ? 10 : 100,
    turns: quick ? 1 : 4,
    tokens: quick ? 500 : 8_000,
  });
  // 320 MB were sent to them; the object may hold 16 MiB of it, and has 128 MB for everything.
  const title = "memory growth, 100 sockets that read nothing, MB";
  return [{ key: "slow_readers", title, ours, peer: null, bare: null, ratio: null, bar: "≤ 128 MB", met: ours <= 128 }];
}
