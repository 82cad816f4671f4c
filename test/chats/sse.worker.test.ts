import { describe, expect, it } from "vitest";
import type { ModelEvent } from "../../src/chats/engine/ports.ts";
import { streamFrame, type StreamFrame } from "../../src/contract/stream.ts";
import { applyFrame, emptyTimeline, type Timeline } from "../../src/contract/timeline.ts";
import { getTestApp, type Client } from "../support/app.ts";
import { quickAnswer, useModel } from "./scripted-model.ts";
import { answeredChat, idleChat, messagesOf } from "./support.ts";

const answer = { text: "Done." };
useModel((request): ModelEvent[] =>
  quickAnswer(request).map((event) => (event.type === "text-delta" ? { ...event, text: answer.text } : event)),
);
const { addUser, anonymous } = await getTestApp();
const ann = await addUser("ann");

interface ServerEvent {
  name: string;
  id: string | null;
  frame: StreamFrame | null;
}

/** Reads as an EventSource does. */
async function openEvents(client: Client, chatId: string, headers: Record<string, string> = {}, query = "") {
  const response = await client.request(`/api/v2/chats/${chatId}/stream${query}`, {
    headers: { accept: "text/event-stream", ...headers },
  });
  if (response.body === null || response.status !== 200) throw new Error(`Refused: ${response.status}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const state = {
    response,
    timeline: emptyTimeline(),
    lastEventId: "",
    frames: new Array<StreamFrame>(),
    async next(): Promise<ServerEvent> {
      while (!text.includes("\n\n")) {
        const { done, value } = await reader.read();
        if (done) throw new Error("The stream has ended");
        text += value;
      }
      const end = text.indexOf("\n\n");
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1] ?? null;
      const data = field("data");
      const event = {
        name: field("event") ?? "",
        id: field("id"),
        frame: data === null ? null : streamFrame.parse(JSON.parse(data)),
      };
      state.lastEventId = event.id ?? state.lastEventId;
      if (event.frame !== null) {
        state.frames.push(event.frame);
        const { timeline, outcome } = applyFrame(state.timeline, event.frame);
        expect(outcome).not.toBe("gap");
        state.timeline = timeline;
      }
      return event;
    },
    async until(condition: (timeline: Timeline) => boolean) {
      while (!condition(state.timeline)) await state.next();
    },
    close: () => reader.cancel(),
  };
  return state;
}

const says = (timeline: Timeline, text: string) =>
  timeline.messages.some((message) => message.content.some((part) => part.type === "text" && part.text === text));

describe("the stream as events", () => {
  it("holds the frames of the socket, named by their type, the last of a snapshot with an id", async () => {
    const made = await answeredChat(ann);
    const events = await openEvents(ann, made.id);
    expect(events.response.headers.get("content-type")).toContain("text/event-stream");
    expect((await events.next()).frame).toBeNull();
    expect(await events.next()).toMatchObject({ name: "hello", id: null, frame: { type: "hello" } });
    await events.until((timeline) => says(timeline, "Done."));
    const hello = events.frames[0];
    const seq = events.frames.findLast((frame) => frame.type === "data")?.seq;
    expect(events.lastEventId).toBe(`${hello?.type === "hello" ? hello.epoch : ""}:${seq}`);
    await events.close();
  });

  it("tells what happens while it is open", async () => {
    const made = await answeredChat(ann);
    const events = await openEvents(ann, made.id);
    await events.until((timeline) => says(timeline, "Done."));
    await ann.request(`/api/v2/chats/${made.id}`, { method: "PATCH", body: { title: "Told at once" } });
    await events.until((timeline) => timeline.title === "Told at once");
    await events.close();
  });

  it("goes on where Last-Event-ID leaves off, and begins anew with an id that is none", async () => {
    const made = await answeredChat(ann);
    const before = await openEvents(ann, made.id);
    await before.until((timeline) => says(timeline, "Done."));
    await before.close();
    await ann.request(`/api/v2/chats/${made.id}`, { method: "PATCH", body: { title: "Missed" } });

    const after = await openEvents(ann, made.id, { "last-event-id": before.lastEventId });
    after.timeline = before.timeline;
    await after.until((timeline) => timeline.title === "Missed");
    const told = after.frames.flatMap((frame) => (frame.type === "data" ? frame.data : []));
    expect(told.map((event) => event.type)).toEqual(["title"]);
    await after.close();

    for (const id of ["nonsense", `other:${before.lastEventId.split(":")[1]}`]) {
      const anew = await openEvents(ann, made.id, { "last-event-id": id });
      await anew.until((timeline) => says(timeline, "Done.") && timeline.title === "Missed");
      expect(anew.frames.flatMap((frame) => (frame.type === "data" ? frame.data : []))[0]).toEqual({ type: "reset" });
      await anew.close();
    }
  });

  it("brings a reader that pauses to the same end", async () => {
    const made = await answeredChat(ann);
    const events = await openEvents(ann, made.id);
    // Far more than the object sends unacknowledged.
    for (let turn = 1; turn <= 4; turn++) {
      answer.text = `${turn} ${"🌊é".repeat(60_000)}`;
      await ann.request(`/api/v2/chats/${made.id}/messages`, {
        method: "POST",
        body: { content: [{ type: "text", text: "More" }] },
      });
      await idleChat(ann, made.id);
    }
    await events.until((timeline) => says(timeline, answer.text));
    const stored = await messagesOf(ann, made.id);
    expect(events.timeline.messages.map((message) => message.content)).toEqual(
      stored.toReversed().map((message) => message.content),
    );
    await events.close();
    answer.text = "Done.";
  });

  it("ends with the session", async () => {
    const erin = await addUser("erin");
    const made = await answeredChat(erin);
    const open = await openEvents(erin, made.id);
    await erin.request("/api/v2/users/logout", { method: "POST" });
    await expect(open.until(() => false)).rejects.toThrow("ended");
    // Events have no close code: the last of them says why.
    expect(open.frames.at(-1)).toMatchObject({ type: "error", data: { status: 403, title: "You were signed out." } });
  });

  it("is for those who may read the chat, and holds nothing open for a HEAD", async () => {
    const bob = await addUser("bob");
    const made = await answeredChat(ann);
    const path = `/api/v2/chats/${made.id}/stream`;
    const headers = { accept: "text/event-stream" };
    expect((await bob.request(path, { headers })).status).toBe(404);
    expect((await anonymous(path, { headers })).status).toBe(401);
    expect((await ann.request(path)).status).toBe(426);
    const head = await ann.request(path, { method: "HEAD", headers });
    expect([head.status, head.headers.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
  });
});
