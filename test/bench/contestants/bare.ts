import { randomUUID } from "node:crypto";
import { WebSocket } from "ws";
import { orderText } from "../order.ts";
import { countTokens, Viewer, type Contestant } from "./contestant.ts";

/** A Durable Object that does nothing but pass on what upstream writes. */
export function bareContestant(url: string): Contestant {
  const contestant: Contestant = {
    name: "bare",
    greets: false,
    async open() {
      const room = randomUUID();
      const viewer = new Viewer(contestant, room);
      await viewer.opened;
      await contestant.ask(room, { tokens: 1 }, viewer);
      await viewer.until(() => viewer.ended);
      await viewer.close();
      return room;
    },
    dial: (room) => new WebSocket(`${url.replace("http", "ws")}/?room=${room}`, { perMessageDeflate: false }),
    read: (frame) => ({ tokens: countTokens(frame), whole: false, ended: frame.includes('"type":"done"') }),
    reply: () => undefined,
    prepare: async () => undefined,
    async ask(_room, wanted, viewer) {
      viewer.socket.send(orderText(wanted));
    },
  };
  return contestant;
}
