import WebSocket from "ws";
import { streamFrame } from "../../../src/contract/stream.ts";
import { applyFrame, emptyTimeline, type Timeline } from "../../../src/contract/timeline.ts";
import { eventually } from "../../support/poll.ts";

/** Somebody who watches a chat over one socket, and does not come back when it closes. */
export interface Viewer {
  timeline(): Timeline;
  /** Null while the socket is open; its code once it has closed. */
  closed(): number | null;
  /** Frames that did not join what was there: something was missing. */
  gaps(): number;
  /** Whether it was told to forget everything, after its first snapshot. */
  resets(): number;
  /** Sends a keep-alive and waits for its answer. */
  ping(): Promise<void>;
  sees(what: string, there: (timeline: Timeline) => boolean): Promise<void>;
  close(): void;
}

export async function openViewer(where: { url: string; cookie: string; chatId: string }): Promise<Viewer> {
  const address = `${where.url.replace(/^http/, "ws")}/api/v2/chats/${where.chatId}/stream`;
  const socket = new WebSocket(address, { headers: { cookie: where.cookie, origin: where.url } });
  let timeline = emptyTimeline();
  let code: number | null = null;
  let gaps = 0;
  let resets = 0;
  let pongs = 0;
  socket.on("close", (closeCode) => (code = closeCode));
  // The close event that follows says all that a test asks about.
  socket.on("error", () => undefined);
  socket.on("message", (content) => {
    if (!Buffer.isBuffer(content)) throw new Error("A frame comes in one piece.");
    const text = content.toString("utf8");
    if (text === "pong") {
      pongs += 1;
      return;
    }
    const frame = streamFrame.parse(JSON.parse(text));
    if (frame.type === "data" && timeline.ready && frame.data.some(({ type }) => type === "reset")) resets += 1;
    const applied = applyFrame(timeline, frame);
    if (applied.outcome !== "applied") gaps += 1;
    timeline = applied.timeline;
  });
  const self: Viewer = {
    timeline: () => timeline,
    closed: () => code,
    gaps: () => gaps,
    resets: () => resets,
    async ping() {
      const before = pongs;
      socket.send("ping");
      await eventually("the pong comes", () => (pongs > before ? true : null));
    },
    async sees(what, there) {
      await eventually(what, () => (there(timeline) ? true : null));
    },
    close: () => socket.close(),
  };
  await self.sees("the viewer has the chat", ({ ready }) => ready);
  return self;
}
