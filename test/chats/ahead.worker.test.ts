import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { stepSettingsReader } from "../../src/models/step-settings.ts";
import { openDatabase } from "../../src/platform/d1.ts";
import { newId } from "../../src/platform/ids.ts";
import { getTestApp } from "../support/app.ts";
import { countTrips } from "../support/d1-trips.ts";
import { answeredChat, idleChat, messagesOf } from "./support.ts";

const { addUser } = await getTestApp();
const ann = await addUser("ann");
const bob = await addUser("bob");
const trips = countTrips();

/** A title asks for models alone. */
const asksForSettings = (trip: string[]) =>
  ["chat_model_configs", "user_configs"].every((table) => trip.some((query) => query.includes(table)));
const hello = { content: [{ type: "text", text: "And again" }] };

describe("a message to a chat at rest", () => {
  it("has D1 asked once for who sent it and once for all else that its step stands on, at the same time", async () => {
    const { id } = await answeredChat(ann);
    trips.length = 0;
    const response = await ann.request(`/api/v2/chats/${id}/messages`, { method: "POST", body: hello });
    expect(response.status).toBe(200);
    const [first, second] = trips;
    expect([first, second].filter((trip) => trip?.some((query) => query.includes("sessions")))).toHaveLength(1);
    await idleChat(ann, id);
    const asking = trips.filter(asksForSettings);
    expect(asking).toHaveLength(1);
    expect([first, second]).toContain(asking[0]);
    expect((await messagesOf(ann, id)).filter(({ role }) => role === "assistant")).toHaveLength(2);
  });

  it("is a 404 for others and a 401 for nobody, though it was looked up", async () => {
    const { id } = await answeredChat(ann);
    const path = `/api/v2/chats/${id}/messages`;
    expect((await bob.request(path, { method: "POST", body: hello })).status).toBe(404);
    const stranger = { method: "POST", body: hello, headers: { authorization: "Bearer tl_nobody" } };
    expect((await ann.request(`/api/v2/chats/${newId()}/messages`, { method: "POST", body: hello })).status).toBe(404);
    expect((await (await getTestApp()).anonymous(path, stranger)).status).toBe(401);
    expect(await messagesOf(ann, id)).toHaveLength(2);
  });
});

describe("what a step stands on", () => {
  const reader = stepSettingsReader(openDatabase(env.DB));
  const settings = { models: { providers: [], configs: [] }, own: [{ key: "k", value: "v" }] };

  it("is read once for all who ask in one go, and anew for whoever asks later", async () => {
    trips.length = 0;
    const [one, other] = await Promise.all([reader.read(ann.userId), reader.read(ann.userId)]);
    expect(one).toBe(other);
    expect(trips).toHaveLength(1);
    await reader.read(ann.userId);
    expect(trips).toHaveLength(2);
  });

  it("is given to what begins at once, and to nothing that begins later", async () => {
    trips.length = 0;
    const begun = reader.during(settings, async () => {
      const first = await reader.read(ann.userId);
      return [first, await reader.read(ann.userId)];
    });
    const [first, second] = await begun;
    expect(first).toBe(settings);
    expect(second?.own).not.toEqual(settings.own);
    expect(trips).toHaveLength(1);
  });
});
