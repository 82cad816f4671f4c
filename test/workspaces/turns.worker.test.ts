import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { chat, messagesResponse, type Chat } from "../../src/contract/chats.ts";
import type { Json } from "../../src/contract/common.ts";
import { callCancel, callStart, callStatusQuery, type CallStart } from "../../src/contract/workspace.ts";
import { workspaceConnection } from "../../src/contract/workspaces.ts";
import { workspacePort } from "../../src/workspaces/port.ts";
import { runsOneCommand, useModel } from "../chats/scripted-model.ts";
import { getTestApp, type SignedIn } from "../support/app.ts";
import { TestAgent } from "./support.ts";
import { soon } from "../support/soon.ts";

// The whole way: HTTP, chat, relay, agent and back, with only the model and the agent's hands scripted.
const BOOT = "boot-1";
const UNKNOWN = { state: "unknown", boot_id: null };
const RUNNING = { state: "running", boot_id: BOOT };
const accepted = new Map<string, TestAgent>();
const model = useModel(runsOneCommand);
const { addUser, anonymous, db, owner } = await getTestApp();

const port = workspacePort(env, db);

async function dial(token: string): Promise<TestAgent> {
  const response = await anonymous("/api/v2/workspaceagents/me/rpc", {
    headers: { upgrade: "websocket", authorization: `Bearer ${token}` },
  });
  if (!response.webSocket) throw new Error(`Refused: ${response.status}`);
  const agent = new TestAgent(response.webSocket);
  // What a real agent would answer: no AGENTS.md, and the state of the calls that it was given.
  agent.on("instructions", () => ({ directory: "/work/project", os: "linux", files: [] }));
  agent.on("call.status", (params) => ({
    boot_id: BOOT,
    calls: callStatusQuery
      .parse(params)
      .call_ids.map((call_id) => ({ call_id, ...(accepted.get(call_id) === agent ? RUNNING : UNKNOWN) })),
  }));
  await agent.hello(BOOT);
  return agent;
}

async function start(name: string) {
  const person = await addUser(name);
  const made = await person.request("/api/v2/workspaces", { method: "POST", body: { name: "box" } });
  const { workspace, agent_token } = workspaceConnection.parse(await made.json());
  return { person, workspaceId: workspace.id, agent: await dial(agent_token) };
}

async function createChat(person: SignedIn, workspaceId: string): Promise<Chat> {
  const body = { content: [{ type: "text", text: "Run the tests" }], workspace_id: workspaceId };
  return chat.parse(await (await person.request("/api/v2/chats", { method: "POST", body })).json());
}

/** Takes the next call that the relay starts. */
async function accept(agent: TestAgent): Promise<CallStart> {
  const request = await agent.answer("call.start", { state: "accepted", boot_id: BOOT });
  const call = callStart.parse(request.params);
  accepted.set(call.call_id, agent);
  return call;
}

/** Sends a result and waits until it is acknowledged. */
async function report(agent: TestAgent, { call_id, reply_to }: CallStart, output: string): Promise<void> {
  const result = { success: true, exit_code: 0, output, wall_duration_ms: 5 };
  agent.send({ method: "call.result", params: { call_id, reply_to, boot_id: BOOT, result, is_error: false } });
  await agent.answer("call.ack", {});
}

async function idle(person: SignedIn, chatId: string): Promise<void> {
  await soon(async () => {
    const read = await person.request(`/api/v2/chats/${chatId}`);
    expect(chat.parse(await read.json()).status).toBe("waiting");
  });
}

async function results(person: SignedIn, chatId: string): Promise<Json[]> {
  const page = messagesResponse.parse(await (await person.request(`/api/v2/chats/${chatId}/messages`)).json());
  return page.messages
    .toReversed()
    .flatMap((message) => message.content.flatMap((part) => (part.type === "tool-result" ? [part.result] : [])));
}

describe("a chat in a workspace", () => {
  it("goes on with the new agent after a new build, and never says which agent it was", async () => {
    const { person, workspaceId, agent } = await start("ann");
    const seen: string[] = [];
    const watch = (await person.request("/api/v2/chats/watch", { headers: { upgrade: "websocket" } })).webSocket;
    watch?.addEventListener("message", (event) => void seen.push(String(event.data)));
    watch?.accept();

    const made = await createChat(person, workspaceId);
    const stream = (await person.request(`/api/v2/chats/${made.id}/stream`, { headers: { upgrade: "websocket" } }))
      .webSocket;
    stream?.addEventListener("message", (event) => void seen.push(String(event.data)));
    stream?.accept();
    await report(agent, await accept(agent), "first");
    await idle(person, made.id);

    const rebuilt = workspaceConnection.parse(
      await (await person.request(`/api/v2/workspaces/${workspaceId}/builds`, { method: "POST" })).json(),
    );
    const successor = await dial(rebuilt.agent_token);
    await person.request(`/api/v2/chats/${made.id}/messages`, {
      method: "POST",
      body: { content: [{ type: "text", text: "Again" }] },
    });
    await report(successor, await accept(successor), "second");
    await idle(person, made.id);
    expect(await results(person, made.id)).toMatchObject([{ output: "first" }, { output: "second" }]);

    for (const path of ["/chats", `/chats/${made.id}`, `/chats/${made.id}/messages`, "/workspaces"]) {
      seen.push(await (await person.request(`/api/v2${path}`)).text());
    }
    const agents = await env.DB.prepare("select id from workspace_agents").all<{ id: string }>();
    expect(agents.results).toHaveLength(2);
    const everything = seen.join("\n");
    expect(everything).toContain(made.id);
    for (const { id } of agents.results) expect(everything).not.toContain(id);
    expect(everything).not.toContain("agent_id");
    watch?.close();
    stream?.close();
  });

  it("gets a result that comes after both objects have slept, once, and starts nothing twice", async () => {
    const { person, workspaceId, agent } = await start("bob");
    const before = model.calls;
    const made = await createChat(person, workspaceId);
    const call = await accept(agent);
    // Frames keep their order: when this is answered, the chat knows that its call was accepted.
    expect(await port.status(workspaceId, [call.call_id], person.userId)).toMatchObject({
      calls: [{ state: "running" }],
    });
    await evictDurableObject(env.CHATS.getByName(made.id));
    await evictDurableObject(env.WORKSPACES.getByName(workspaceId));
    await report(agent, call, "slept");
    await report(agent, call, "a repeat");
    await idle(person, made.id);
    expect(await results(person, made.id)).toMatchObject([{ output: "slept" }]);
    expect(model.calls - before).toBe(2);
    expect(agent.frames.filter((frame) => frame.method === "call.start")).toEqual([]);
  });

  it("does not take a result from the agent of somebody else's workspace", async () => {
    const { person, workspaceId, agent } = await start("carl");
    const intruder = await start("mallory");
    const made = await createChat(person, workspaceId);
    const call = await accept(agent);
    await report(intruder.agent, call, "forged");
    await report(agent, call, "true");
    await idle(person, made.id);
    expect(await results(person, made.id)).toMatchObject([{ output: "true" }]);
  });

  it("that is somebody else's works for those with whom it is shared, until the next call after that has ended", async () => {
    const { person, workspaceId, agent } = await start("dora");
    const guest = await addUser("guest");
    const bind = { content: [{ type: "text", text: "Run the tests" }], workspace_id: workspaceId };
    expect((await guest.request("/api/v2/chats", { method: "POST", body: bind })).status).toBe(400);
    const share = (role: string) =>
      person.request(`/api/v2/workspaces/${workspaceId}/acl`, {
        method: "PATCH",
        body: { user_roles: { [guest.userId]: role } },
      });
    expect((await share("use")).status).toBe(204);
    const made = await createChat(guest, workspaceId);
    await report(agent, await accept(agent), "as a guest");
    await idle(guest, made.id);

    expect((await share("")).status).toBe(204);
    await guest.request(`/api/v2/chats/${made.id}/messages`, {
      method: "POST",
      body: { content: [{ type: "text", text: "Again" }] },
    });
    await soon(async () => expect(await results(guest, made.id)).toHaveLength(2));
    await idle(guest, made.id);
    expect(await results(guest, made.id)).toMatchObject([
      { output: "as a guest" },
      { error: expect.stringContaining("may not use the workspace any more") },
    ]);
    expect(agent.frames.filter((frame) => frame.method === "call.start")).toEqual([]);
    const again = await guest.request(`/api/v2/chats/${made.id}`, {
      method: "PATCH",
      body: { workspace_id: workspaceId },
    });
    expect(again.status).toBe(400);
  });

  it.each<
    [string, (t: { owner: SignedIn; person: SignedIn; guest: SignedIn; workspaceId: string }) => Promise<Response>]
  >([
    [
      "the share is taken back",
      ({ person, guest, workspaceId }) =>
        person.request(`/api/v2/workspaces/${workspaceId}/acl`, {
          method: "PATCH",
          body: { user_roles: { [guest.userId]: "" } },
        }),
    ],
    [
      "all shares are",
      ({ person, workspaceId }) => person.request(`/api/v2/workspaces/${workspaceId}/acl`, { method: "DELETE" }),
    ],
    [
      "nothing may be shared there any more",
      ({ owner }) =>
        owner.request(`/api/v2/organizations/default/settings/workspace-sharing`, {
          method: "PATCH",
          body: { shareable_workspace_owners: "none" },
        }),
    ],
    [
      "they are taken out of the organisation",
      ({ owner, guest }) =>
        owner.request(`/api/v2/organizations/default/members/${guest.userId}`, { method: "DELETE" }),
    ],
  ])("stops what runs there for somebody at once when %s", async (cause, take) => {
    const name = `lender-${cause.length}`;
    const { person, workspaceId, agent } = await start(name);
    const guest = await addUser(`guest-${cause.length}`);
    const reset = { method: "PATCH", body: { shareable_workspace_owners: "everyone" } };
    await owner.request(`/api/v2/organizations/default/settings/workspace-sharing`, reset);
    const give = { method: "PATCH", body: { user_roles: { [guest.userId]: "use" } } };
    expect((await person.request(`/api/v2/workspaces/${workspaceId}/acl`, give)).status).toBe(204);
    const made = await createChat(guest, workspaceId);
    const call = await accept(agent);
    expect(await port.status(workspaceId, [call.call_id], guest.userId)).toMatchObject({
      calls: [{ state: "running" }],
    });
    const takenAt = Date.now();
    expect((await take({ owner, person, guest, workspaceId })).ok).toBe(true);
    const cancelled = await agent.answer("call.cancel", { state: "cancelled", boot_id: BOOT });
    // The turn itself asks after its call only after five seconds.
    expect(Date.now() - takenAt).toBeLessThan(4_500);
    expect(callCancel.parse(cancelled.params).call_id).toBe(call.call_id);
    await soon(async () => {
      const row = await env.DB.prepare("select status from chats where id = ?").bind(made.id).first("status");
      expect(row).toBe("waiting");
    });
  });
});
