import { z } from "zod";
import { call, type Account } from "../contestants/tideline.ts";
import { median } from "./statistics.ts";

/** Milliseconds that a page of a list takes, in the middle of many. */
export interface ListTime {
  own: number;
  shared: number;
}

const PAGE = 25;
const page = z.array(z.object({ id: z.string() }));

/** Pages through one's own chats and those shared with oneself, in a table of so many chats. */
export async function listTime(account: Account, rows: number, pages: number): Promise<ListTime> {
  await call(account, "POST", `/bench/lists/fill?rows=${rows}`);
  await readThrough(account, "limit=25", 5);
  const own = await readThrough(account, `limit=${PAGE}`, pages);
  const shared = await readThrough(account, `limit=${PAGE}&shared=true`, pages);
  return { own, shared };
}

/** The median time of a page; after the last one it begins again. Every page but the last must be full. */
async function readThrough(account: Account, query: string, pages: number): Promise<number> {
  const times: number[] = [];
  let after = "";
  while (times.length < pages) {
    const before = performance.now();
    const rows = page.parse(await call(account, "GET", `/chats?${query}${after}`));
    times.push(performance.now() - before);
    const last = rows.at(-1);
    if (after === "" && rows.length < PAGE) throw new Error(`The list has only ${rows.length} chats.`);
    after = last === undefined || rows.length < PAGE ? "" : `&after_id=${last.id}`;
  }
  return median(times);
}
