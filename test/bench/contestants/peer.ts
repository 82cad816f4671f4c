import { randomUUID } from "node:crypto";
import { WebSocket } from "ws";
import { z } from "zod";
import { orderText } from "../order.ts";
import { countTokens, Viewer, type Contestant } from "./contestant.ts";

const offer = z.object({ type: z.literal("cf_agent_stream_resuming"), id: z.string() });
const transcript = z.array(z.unknown());

/** The peer as its own React client speaks to it: the transcript goes out with each question, a resume is offered and taken. */
export function peerContestant(url: string): Contestant {
  const histories = new Map<string, unknown[]>();
  const taken = new WeakSet<Viewer>();
  const contestant: Contestant = {
    name: "peer",
    greets: false,
    async open() {
      const room = randomUUID();
      const viewer = new Viewer(contestant, room);
      await viewer.opened;
      await contestant.prepare(room);
      await contestant.ask(room, { tokens: 1 }, viewer);
      await viewer.until(() => viewer.ended);
      await viewer.close();
      return room;
    },
    dial: (room) =>
      new WebSocket(`${url.replace("http", "ws")}/agents/chat-agent/${room}`, { perMessageDeflate: false }),
    read(frame) {
      if (frame.includes("text-delta")) return { tokens: countTokens(frame), whole: false, ended: false };
      return { tokens: 0, whole: false, ended: frame.includes('"done":true') };
    },
    reply(viewer, frame) {
      if (taken.has(viewer) || !frame.includes("cf_agent_stream_resuming")) return;
      const { id } = offer.parse(JSON.parse(frame.toString("utf8")));
      // It offers twice; its own client takes it once.
      taken.add(viewer);
      viewer.socket.send(JSON.stringify({ type: "cf_agent_stream_resume_ack", id }));
    },
    async prepare(room) {
      const response = await fetch(`${url}/agents/chat-agent/${room}/get-messages`);
      histories.set(room, transcript.parse(await response.json()));
    },
    async ask(room, wanted, viewer) {
      const message = { id: randomUUID(), role: "user", parts: [{ type: "text", text: orderText(wanted) }] };
      const messages = [...(histories.get(room) ?? []), message];
      const body = JSON.stringify({ id: room, trigger: "submit-message", messages });
      const init = { method: "POST", body };
      viewer.socket.send(JSON.stringify({ type: "cf_agent_use_chat_request", id: randomUUID(), init }));
    },
  };
  return contestant;
}
