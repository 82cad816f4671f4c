import { watch, type Contestant, type Viewer } from "../contestants/contestant.ts";
import { sharedNow } from "../order.ts";
import { maximum } from "./statistics.ts";

/** Tokens per second delivered in total: from the request until every socket has the last token. */
export async function throughput(contestant: Contestant, sockets: number, tokens: number): Promise<number> {
  const room = await contestant.open();
  const viewers = await watch(contestant, room, sockets);
  const [asker] = viewers;
  if (asker === undefined) throw new Error("Nobody watches.");
  await contestant.prepare(room);
  const seconds = await burst(contestant, room, viewers, asker, tokens);
  await Promise.all(viewers.map((viewer) => viewer.close()));
  return (tokens * sockets) / seconds;
}

/** Many chats at once, a viewer each. Tokens per second over all of them. */
export async function manyChats(contestant: Contestant, chats: number, tokens: number): Promise<number> {
  const rooms: { room: string; viewer: Viewer }[] = [];
  for (let index = 0; index < chats; index++) {
    const room = await contestant.open();
    const [viewer] = await watch(contestant, room);
    if (viewer !== undefined) rooms.push({ room, viewer });
  }
  const seconds = await Promise.all(rooms.map(({ room, viewer }) => burst(contestant, room, [viewer], viewer, tokens)));
  await Promise.all(rooms.map(({ viewer }) => viewer.close()));
  return (tokens * chats) / maximum(seconds);
}

async function burst(
  contestant: Contestant,
  room: string,
  viewers: Viewer[],
  asker: Viewer,
  tokens: number,
): Promise<number> {
  for (const viewer of viewers) viewer.reset();
  const startedAt = sharedNow();
  const asked = contestant.ask(room, { tokens }, asker);
  const arrivals = await Promise.all(viewers.map((viewer) => viewer.has(tokens)));
  await asked;
  await asker.until(() => asker.ended);
  for (const viewer of viewers) {
    // Fewer only for one that was given the finished answer in the place of its pieces.
    if (viewer.tokens !== tokens && !viewer.whole) {
      throw new Error(`${contestant.name} delivered ${viewer.tokens} of ${tokens} tokens.`);
    }
  }
  return (maximum(arrivals) - startedAt) / 1_000;
}
