import type { ContestantName } from "./contestants/contestant.ts";
import { maximum, median } from "./figures/statistics.ts";
import type { ListTime } from "./figures/lists.ts";
import type { StepCost } from "./figures/step-cost.ts";
import type { Figure } from "./report.ts";
import type { Answers, Measurement } from "./task.ts";

/** The figures, and what each must be. */

/** `counted` has counters; `beside` is another of it, so that two states of one thing can take turns. */
export type Who = ContestantName | "counted" | "beside";
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
  // Before all that has chats on the counted one: both ledgers must hold as many calls of the one who asks.
  ledger: { needs: ["counted", "beside"], measure: measureLedger },
  step: { needs: ["counted"], measure: measureStep },
  lists: { needs: ["counted"], measure: measureLists },
  child: { needs: ["ours"], measure: measureChild },
  many: { needs: ["ours"], measure: measureMany },
  memory: { needs: ["ours"], measure: measureMemory },
};

/** Contestants take turns, so that what else the machine does hits all of them alike; the median of the rounds counts. */
async function rounds(count: number, one: (who: ContestantName) => Promise<number>) {
  const values = await turns(count, contestants, one);
  return { ours: median(values.ours), peer: median(values.peer), bare: median(values.bare) };
}

async function turns<Name extends string, Value>(
  count: number,
  names: readonly Name[],
  one: (name: Name) => Promise<Value>,
): Promise<Record<Name, Value[]>> {
  const values = Object.fromEntries(names.map((name) => [name, new Array<Value>()])) as Record<Name, Value[]>;
  for (let round = 0; round < count; round++) {
    for (const name of names) values[name].push(await one(name));
  }
  return values;
}

/** The median of one of the things that a measurement tells. */
function middle<Key extends string>(values: readonly Record<Key, number>[], which: Key): number {
  return median(values.map((value) => value[which]));
}

async function measureThroughput(measure: Measure, quick: boolean): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { sockets, bar, times } of [
    { sockets: 1, bar: 3.5, times: 5 },
    { sockets: 20, bar: 7, times: 3 },
    { sockets: 100, bar: 15, times: 3 },
  ]) {
    const tokens = quick ? 200 : sockets === 100 ? 2_000 : TOKENS;
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
  const asked = quick ? 3 : 20;
  const times = await rounds(quick ? 1 : 5, (who) => measure(who, { kind: "firstToken", turns: asked }));
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
  const wanted = { kind: "pace", sockets: 10, tokens: quick ? 50 : 500, perSecond: 100 } as const;
  const paces = await turns(quick ? 1 : 3, contestants, (who) => measure(who, wanted));
  const figure = (key: string, title: string, which: "p95" | "gap", bar: number): Figure => ({
    key,
    title,
    ours: middle(paces.ours, which),
    peer: middle(paces.peer, which),
    bare: middle(paces.bare, which),
    ratio: null,
    bar: `≤ ${bar} ms`,
    met: middle(paces.ours, which) <= bar,
  });
  return [
    figure("pace_delay", "added delay per token, 100 tokens/s, p95, ms", "p95", 35),
    figure("pace_gap", "longest gap that upstream did not have, ms", "gap", 60),
  ];
}

async function measureResume(measure: Measure, quick: boolean): Promise<Figure[]> {
  const wanted = { kind: "resume", parts: quick ? 200 : 2_000, repeats: quick ? 2 : 10 } as const;
  const resumes = await turns(quick ? 1 : 4, ["ours", "peer"] as const, (who) => measure(who, wanted));
  const ours = { ms: middle(resumes.ours, "ms"), bytesRatio: middle(resumes.ours, "bytesRatio") };
  const peer = { ms: middle(resumes.peer, "ms"), bytesRatio: middle(resumes.peer, "bytesRatio") };
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
  const steps = quick ? 3 : 40;
  const lengths = { short: 10, long: quick ? 100 : 5_000 };
  const costs = await turns(quick ? 1 : 3, ["short", "long"] as const, (length) =>
    measure("counted", { kind: "stepCost", messages: lengths[length], steps }),
  );
  const figure = (key: string, title: string, which: keyof StepCost): Figure => {
    const before = middle(costs.short, which);
    const after = middle(costs.long, which);
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

async function measureLists(measure: Measure, quick: boolean): Promise<Figure[]> {
  const sizes = { small: 1_000, large: quick ? 5_000 : 100_000 };
  const times = await turns(quick ? 1 : 3, ["small", "large"] as const, (size) =>
    measure("counted", { kind: "lists", rows: sizes[size], pages: quick ? 5 : 60 }),
  );
  const figure = (key: string, title: string, which: keyof ListTime): Figure => {
    const ours = middle(times.large, which);
    const ratio = ours / middle(times.small, which);
    return { key, title, ours, peer: null, bare: null, ratio, bar: "≤ 1.5 × at 1,000", met: ratio <= 1.5 };
  };
  return [
    figure("list_own", "a page of one's own chats among 100,000, ms", "own"),
    figure("list_shared", "a page of chats shared with one among 100,000, ms", "shared"),
  ];
}

async function measureLedger(measure: Measure, quick: boolean): Promise<Figure[]> {
  const sizes = { beside: quick ? 5_000 : 100_000, counted: quick ? 20_000 : 1_000_000 };
  for (const who of ["beside", "counted"] as const) await measure(who, { kind: "fillLedger", rows: sizes[who] });
  const times = await turns(quick ? 1 : 15, ["beside", "counted"] as const, (who) =>
    measure(who, { kind: "ledger", summaries: quick ? 20 : 40 }),
  );
  const ours = median(times.counted);
  const ratio = ours / median(times.beside);
  return [
    {
      key: "ledger_summary",
      title: "a person's 30 days among 1,000,000 model calls, p95, ms",
      ours,
      peer: null,
      bare: null,
      ratio,
      bar: "≤ 1.5 × at 100,000",
      met: ratio <= 1.5,
    },
  ];
}

async function measureChild(measure: Measure, quick: boolean): Promise<Figure[]> {
  const times: number[] = [];
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    times.push(await measure("ours", { kind: "child", children: quick ? 3 : 20 }));
  }
  const ours = median(times);
  const title = "child settles → parent's result stored, p95, ms";
  return [{ key: "child", title, ours, peer: null, bare: null, ratio: null, bar: "≤ 20 ms", met: ours <= 20 }];
}

async function measureMany(measure: Measure, quick: boolean): Promise<Figure[]> {
  const chats = quick ? 5 : 100;
  // As many for one as for each of many: what a turn costs besides its tokens counts alike.
  const tokens = quick ? 50 : 1_000;
  const single: number[] = [];
  const many: number[] = [];
  for (let round = 0; round < (quick ? 1 : 2); round++) {
    single.push(await measure("ours", { kind: "throughput", sockets: 1, tokens }));
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
    turns: quick ? 1 : 2,
    tokens: quick ? 500 : 8_000,
  });
  // 160 MB were sent to them; the object may hold 16 MiB of it, and has 128 MB for everything.
  const title = "memory growth, 100 sockets that read nothing, MB";
  return [{ key: "slow_readers", title, ours, peer: null, bare: null, ratio: null, bar: "≤ 128 MB", met: ours <= 128 }];
}
