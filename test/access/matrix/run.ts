import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { RequestOptions } from "../../support/app.ts";
import { scopeAction, verdictFor, type Verdict } from "./expectations.ts";
import { samples, type Sample } from "./operations.ts";
import {
  EXTERNAL_AUTH,
  makers,
  names,
  nobodies,
  plainOnes,
  senders,
  settled,
  shared,
  test,
  type Ids,
  type Name,
  type Place,
  type Sender,
} from "./world.ts";

const description = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ operationId: z.string() }))),
});
const { paths } = description.parse(await (await test.anonymous("/api/openapi.json")).json());
export const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId }]) => ({ path, method: method.toUpperCase(), operationId })),
);
type Operation = (typeof operations)[number];

/** Three files share the document, so that they can run beside each other. */
export const isOfAccounts = ({ path }: Operation) => path.includes("/users") && !path.includes("/organizations/");
export const isOfChats = ({ path }: Operation) => path.includes("/chats/{chat}") || path.includes("/chats/files");

let cases = 0;

/** Runs the operations that are this file's share of the document. */
export function runMatrix(title: string, isMine: (operation: Operation) => boolean): void {
  const mine = operations.filter(isMine);

  describe.each(mine.map((operation) => [operation.operationId, operation] as const))("%s", (_, operation) => {
    it("answers everybody as the table says", async () => {
      const sample = samples[operation.operationId];
      if (sample === undefined)
        throw new Error(`Say in operations.ts by which line ${operation.operationId} is judged`);
      const wrong =
        sample.rule === "open" ? await wrongWhenOpen(operation, sample) : await wrongCases(operation, sample);
      expect(wrong).toEqual([]);
    });
  });

  afterAll(() => console.log(`route × role × object × credential: ${cases} cases (${title}, ${mine.length} routes)`));
}

/** It is answered to whoever asks, and says nothing of rights. */
async function wrongWhenOpen(operation: Operation, sample: Sample): Promise<string[]> {
  const wrong: string[] = [];
  for (const sender of nobodies.slice(0, 3)) {
    const status = await statusOf(operation, sample, {}, sender);
    if (status === 403 || status === 404 || status >= 500) wrong.push(`${sender.label}: ${status}`);
  }
  return wrong;
}

async function wrongCases(operation: Operation, sample: Sample): Promise<string[]> {
  const wrong: string[] = [];
  for (const place of sample.placed === true ? (["home", "far"] as const) : (["common"] as const)) {
    const made = place === "common" ? ("home" as const) : place;
    const there = { ...settled[made], ...shared };
    const ids = await spent(sample, made, there);
    const ask = async (who: string, sender: Sender, expected: Verdict | 401) => {
      // What is let through may use the thing up.
      const named = expected === "allowed" ? await spent(sample, made, there) : ids;
      const status = await statusOf(operation, sample, named, sender);
      if (verdictOf(sample, status) !== expected)
        wrong.push(`${who}, ${sender.label} (${place}): ${status} and not ${expected}`);
    };
    const chosen = (all: readonly Sender[]) => (place === "far" ? plainOnes(all) : all);
    const asked = [
      ...chosen(nobodies).map((sender) => ({ who: "nobody", sender, expected: 401 as const })),
      ...names.flatMap((who) =>
        chosen(senders.get(who) ?? []).map((sender) => {
          return { who, sender, expected: expectationOf(sample, place, who, sender) };
        }),
      ),
    ];
    const usesUp = ({ expected }: { expected: Verdict | 401 }) => sample.uses !== undefined && expected === "allowed";
    const act = ({ who, sender, expected }: (typeof asked)[number]) => ask(who, sender, expected);
    await inTurns(
      asked.filter((one) => !usesUp(one)),
      act,
    );
    for (const one of asked.filter(usesUp)) await act(one);
  }
  return wrong;
}

/** Some at a time: most of the time of a request is waiting. */
async function inTurns<T>(all: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...all];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await act(next);
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}

async function spent(sample: Sample, place: Place, ids: Ids): Promise<Ids> {
  return sample.uses === undefined ? ids : { ...ids, ...(await makers[sample.uses](place)) };
}

function expectationOf(sample: Sample, place: Place | "common", name: Name, sender: Sender): Verdict {
  const verdict = verdictFor(sample.rule, place, name);
  const { resource, action, sees } = scopeAction(sample.rule, name);
  const reaches = (what: string, on: string) =>
    sender.scopes.some((scope) => ["all", `*:${what}`, `${on}:*`].includes(scope)) || sample.rule === "everybody";
  const refused: Verdict =
    (place !== "common" || sample.own === true) &&
    sample.known !== true &&
    !(reaches("read", sees.split(".")[0] ?? "") && verdictFor(sees, place, name) === "allowed")
      ? "hidden"
      : "forbidden";
  if (!reaches(action, resource)) return verdict === "hidden" ? "hidden" : refused;
  return verdict === "allowed" && sample.session === true && sender.kind === "token" ? "forbidden" : verdict;
}

function verdictOf(sample: Sample, status: number): Verdict | number {
  if (status === 403 || status === sample.refusal) return "forbidden";
  if (status === 404) return "hidden";
  return status === 401 || status === 429 || status >= 500 ? status : "allowed";
}

async function statusOf(operation: Operation, sample: Sample, ids: Ids, sender: Sender): Promise<number> {
  cases += 1;
  const path = operation.path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => ids[name] ?? `no-${name}`);
  const options: RequestOptions = {
    method: operation.method,
    headers: { ...sample.headers, ...sender.headers },
    ...(sample.body === undefined ? {} : { body: sample.body() }),
    redirect: "manual",
  };
  const response = await test.anonymous(path + (sample.query ?? ""), options, EXTERNAL_AUTH);
  response.webSocket?.accept();
  response.webSocket?.close(1000);
  await response.body?.cancel();
  return response.status;
}
