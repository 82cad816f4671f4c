// The bench's client: a process of its own, so that neither upstream nor the table's writer share its time.
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { bareContestant } from "./contestants/bare.ts";
import type { Contestant, ContestantName } from "./contestants/contestant.ts";
import { peerContestant } from "./contestants/peer.ts";
import { becomeOwner, tidelineContestant, type Account } from "./contestants/tideline.ts";
import { childReport } from "./figures/child.ts";
import { firstToken } from "./figures/first-token.ts";
import { slowReaders } from "./figures/memory.ts";
import { pace } from "./figures/pace.ts";
import { resume } from "./figures/resume.ts";
import { fillLedger, ledgerTime } from "./figures/ledger.ts";
import { listTime } from "./figures/lists.ts";
import { stepCost } from "./figures/step-cost.ts";
import { manyChats, throughput } from "./figures/throughput.ts";
import type { Measurement, Outcome, Task } from "./task.ts";

const accounts = new Map<string, Account>();

process.on("message", (task: Task) => {
  void perform(task).then(
    (value) => send({ value }),
    (error: unknown) => send({ error: `${task.target.name}, ${task.measurement.kind}: ${inspect(error)}` }),
  );
});

function send(outcome: Outcome): void {
  process.send?.(outcome);
}

async function perform(task: Task): Promise<unknown> {
  const contestant = await meet(task);
  const value = await measure(task, contestant, task.measurement);
  // What the last figure left behind, garbage and drains, is not the next one's.
  await sleep(200);
  return value;
}

async function meet({ target }: Task): Promise<Contestant> {
  const makers: Record<ContestantName, () => Promise<Contestant>> = {
    ours: async () => tidelineContestant(await accountOf(target)),
    peer: async () => peerContestant(target.url),
    bare: async () => bareContestant(target.url),
  };
  return makers[target.name]();
}

async function accountOf({ url, setupToken, upstream }: Task["target"]): Promise<Account> {
  const account = accounts.get(url) ?? (await becomeOwner(url, setupToken, upstream));
  accounts.set(url, account);
  return account;
}

async function measure({ target }: Task, contestant: Contestant, wanted: Measurement): Promise<unknown> {
  switch (wanted.kind) {
    case "throughput":
      return throughput(contestant, wanted.sockets, wanted.tokens);
    case "manyChats":
      return manyChats(contestant, wanted.chats, wanted.tokens);
    case "firstToken":
      return firstToken(contestant, wanted.turns);
    case "pace":
      return pace(contestant, wanted.sockets, wanted.tokens, wanted.perSecond);
    case "resume":
      return resume(contestant, target.upstream, wanted.parts, wanted.repeats);
    case "child":
      return childReport(contestant, wanted.children);
    case "slowReaders":
      return slowReaders(contestant, target.group, wanted.sockets, wanted.turns, wanted.tokens);
    case "stepCost":
      return stepCost(contestant, await accountOf(target), target.group, wanted.messages, wanted.steps);
    case "lists":
      return listTime(await accountOf(target), wanted.rows, wanted.pages);
    case "ledger":
      return ledgerTime(await accountOf(target), wanted.summaries);
    case "fillLedger":
      return fillLedger(await accountOf(target), wanted.rows);
  }
}
