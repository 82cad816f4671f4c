import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { callCancel, type CallStart } from "../../src/contract/workspace.ts";
import { workspaceConnection } from "../../src/contract/workspaces.ts";
import { newId } from "../../src/platform/ids.ts";
import { workspacePort } from "../../src/workspaces/port.ts";
import { workspaceAgents } from "../../src/workspaces/schema.ts";
import { db, dial, insertPerson, receiveReports, workspacesAs, type Frame, type TestAgent } from "./support.ts";
import { soon } from "../support/soon.ts";

const port = workspacePort(env, db);

async function connectedWorkspace(name = "box") {
  const owner = await insertPerson();
  const api = workspacesAs(owner);
  const made = workspaceConnection.parse(await (await api("/workspaces", { body: { name } })).json());
  const agent = await dial(made.agent_token);
  await agent.hello();
  return { ownerId: owner.userId, api, agent, token: made.agent_token, workspaceId: made.workspace.id };
}

function call(chatId: string = newId(), index = 0): CallStart {
  return { call_id: `${chatId}/3/${index}`, reply_to: chatId, tool: "execute", args: { command: "true" } };
}

/** A call that the agent has accepted, with the address that it was given for it. */
async function startedCall(
  agent: TestAgent,
  workspaceId: string,
  ownerId: string,
): Promise<{ call_id: string; reply_to: string }> {
  const start = call();
  const dispatched = port.dispatch(workspaceId, start, ownerId);
  const request = await agent.answer("call.start", { state: "accepted", boot_id: "boot-1" });
  await dispatched;
  return { call_id: start.call_id, reply_to: replyToOf(request) };
}

function helloWith(change: object): string {
  const params = { protocol: 1, version: "1", boot_id: "b", os: "linux", arch: "x64", hostname: "box", directory: "/" };
  return JSON.stringify({ id: 1, method: "hello", params: { ...params, ...change } });
}

function replyToOf(request: Frame): string {
  return callCancel.parse(request.params).reply_to;
}

describe("an agent that dials in", () => {
  it("is welcomed, and what it says of itself is kept", async () => {
    const { api, agent, workspaceId } = await connectedWorkspace();
    const [row] = await db.select().from(workspaceAgents).where(eq(workspaceAgents.workspaceId, workspaceId));
    expect(row).toMatchObject({ bootId: "boot-1", os: "linux", hostname: "box", disconnectedAt: null });
    expect(await (await api(`/workspaces/${workspaceId}`)).json()).toMatchObject({
      agent: { status: "connected", directory: "/work/project", version: "0.1.0" },
    });
    agent.close();
    // Without an answer to its close an agent that was told to stop would wait for half a minute.
    expect(await agent.whenClosed()).toEqual({ code: 1000, reason: "bye" });
    await soon(async () => {
      expect(await (await api(`/workspaces/${workspaceId}`)).json()).toMatchObject({
        agent: { status: "disconnected" },
      });
    });
  });

  it("takes the place of its earlier connection, and stays connected when that one closes", async () => {
    const { ownerId, api, agent, token, workspaceId } = await connectedWorkspace();
    const again = await dial(token);
    expect(await agent.whenClosed()).toEqual({ code: 4001, reason: "replaced" });
    await again.hello("boot-2");
    const dispatched = port.dispatch(workspaceId, call(), ownerId);
    await again.answer("call.start", { state: "accepted", boot_id: "boot-2" });
    expect(await dispatched).toMatchObject({ state: "accepted", boot_id: "boot-2" });
    expect(await (await api(`/workspaces/${workspaceId}`)).json()).toMatchObject({ agent: { status: "connected" } });
  });

  it("is not believed when it names another agent or workspace in its headers", async () => {
    const { token, workspaceId } = await connectedWorkspace();
    const other = await connectedWorkspace();
    const agent = await dial(token, { "x-tideline-agent": newId(), "x-tideline-workspace": other.workspaceId });
    expect(await agent.hello()).toMatchObject({ workspace_id: workspaceId });
  });

  it("gets a pong without a hello and without waking anything", async () => {
    const { token } = await connectedWorkspace();
    const agent = await dial(token);
    agent.send("ping");
    await agent.next("pong");
  });

  it.each([
    ["text that is not JSON", "{", 1008],
    ["a list", "[]", 1008],
    ["a result of another shape", JSON.stringify({ method: "call.result", params: { call_id: 1 } }), 1008],
    ["an answer without a word", JSON.stringify({ id: {} }), 1008],
    ["a result without a bottom", `{"id":1,"result":${"[".repeat(200_000)}${"]".repeat(200_000)}}`, 1008],
    ["a host name as long as a book", helloWith({ hostname: "h".repeat(100_000) }), 1008],
    ["more than 1 MiB", JSON.stringify({ method: "x", params: "é".repeat(600_000) }), 1009],
  ])("is closed when it sends %s", async (_, frame, code) => {
    const { agent } = await connectedWorkspace();
    agent.send(frame);
    expect(await agent.whenClosed()).toMatchObject({ code });
  });

  it("is closed when it sends bytes of no channel, or anything before its hello", async () => {
    const { agent, token } = await connectedWorkspace();
    agent.sendBytes(new ArrayBuffer(8));
    expect(await agent.whenClosed()).toMatchObject({ code: 1008 });
    const silent = await dial(token);
    silent.send({ method: "call.output", params: { call_id: "a", reply_to: newId(), offset: 0, text: "x" } });
    expect(await silent.whenClosed()).toEqual({ code: 1008, reason: "hello first" });
  });

  it("is told of a method that the relay does not know, and keeps its socket", async () => {
    const { ownerId, agent, workspaceId } = await connectedWorkspace();
    agent.send({ id: 7, method: "future", params: {} });
    agent.send({ method: "future.note", params: {} });
    await soon(() => expect(agent.frames).toContainEqual({ id: 7, error: { message: "Unknown method: future" } }));
    const dispatched = port.dispatch(workspaceId, call(), ownerId);
    await agent.answer("call.start", { state: "accepted", boot_id: "boot-1" });
    expect(await dispatched).toMatchObject({ state: "accepted" });
  });
});

describe("a call", () => {
  it("goes to the agent, and its output and result to the chat with the agent's own id", async () => {
    const reports = receiveReports();
    const { ownerId, agent, workspaceId } = await connectedWorkspace();
    const start = call();
    const dispatched = port.dispatch(workspaceId, start, ownerId);
    const request = await agent.answer("call.start", { state: "accepted", boot_id: "boot-1" });
    const replyTo = replyToOf(request);
    expect(request.params).toEqual({ ...start, reply_to: replyTo });
    const accepted = await dispatched;
    if (!("agentId" in accepted)) throw new Error("Not accepted");

    for (const [offset, text] of [
      [0, "a"],
      [1, "b"],
      [2, "c"],
    ] as const) {
      agent.send({ method: "call.output", params: { call_id: start.call_id, reply_to: replyTo, offset, text } });
    }
    await soon(() => expect(reports.outputs.map((output) => output.text).join("")).toBe("abc"));
    agent.send({
      method: "call.result",
      params: {
        call_id: start.call_id,
        reply_to: replyTo,
        boot_id: "boot-1",
        agent_id: "somebody else",
        result: { ok: true },
        is_error: false,
      },
    });
    const ack = await agent.answer("call.ack", {});
    expect(ack.params).toEqual({ call_id: start.call_id });
    expect(reports.results).toEqual([
      { callId: start.call_id, agentId: accepted.agentId, bootId: "boot-1", result: { ok: true }, isError: false },
    ]);
  });

  it("is acknowledged only when the chat has taken its result", async () => {
    let takes = false;
    const reports = receiveReports(() => takes);
    const { ownerId, agent, workspaceId } = await connectedWorkspace();
    const { call_id, reply_to } = await startedCall(agent, workspaceId, ownerId);
    const result = {
      method: "call.result",
      params: { call_id, reply_to, boot_id: "boot-1", result: null, is_error: false },
    };
    agent.send(result);
    await soon(() => expect(reports.results).toHaveLength(1));
    takes = true;
    agent.send(result);
    await agent.answer("call.ack", {});
    expect(reports.results).toHaveLength(2);
    expect(agent.frames.filter((frame) => frame.method === "call.ack")).toEqual([]);
  });

  it("reports to nobody what its workspace was never asked to do", async () => {
    const reports = receiveReports();
    const { ownerId, agent, workspaceId } = await connectedWorkspace();
    const other = await connectedWorkspace();
    const mine = await startedCall(agent, workspaceId, ownerId);
    const theirs = await startedCall(other.agent, other.workspaceId, other.ownerId);
    const forged = [
      { call_id: theirs.call_id, reply_to: theirs.call_id.split("/")[0] ?? "" },
      { call_id: theirs.call_id, reply_to: theirs.reply_to },
      { call_id: theirs.call_id, reply_to: mine.reply_to },
      { call_id: `${mine.call_id}0`, reply_to: mine.reply_to },
      { call_id: mine.call_id, reply_to: "" },
    ];
    for (const report of forged) {
      agent.send({ method: "call.output", params: { ...report, offset: 0, text: "forged" } });
      agent.send({ method: "call.result", params: { ...report, boot_id: "b", result: "forged", is_error: false } });
      await agent.answer("call.ack", {}); // Acknowledged, so that nobody repeats it for ever.
    }
    agent.send({ method: "call.result", params: { ...mine, boot_id: "b", result: "true", is_error: false } });
    await agent.answer("call.ack", {});
    expect(reports.results.map(({ result }) => result)).toEqual(["true"]);
    expect(reports.outputs).toEqual([]);
  });

  it("can be asked about and cancelled", async () => {
    const { ownerId, agent, workspaceId } = await connectedWorkspace();
    const start = call();
    const asked = port.status(workspaceId, [start.call_id], ownerId);
    await agent.answer("call.status", {
      boot_id: "boot-1",
      calls: [{ call_id: start.call_id, state: "unknown", boot_id: null }],
    });
    const status = await asked;
    expect(status).toMatchObject({ calls: [{ state: "unknown" }] });
    if (!("agentId" in status)) throw new Error("No agent");
    const cancelled = port.cancel(workspaceId, status.agentId, start.call_id, start.reply_to);
    const request = await agent.answer("call.cancel", { state: "cancelled", boot_id: "boot-1" });
    expect(request.params).toEqual({ call_id: start.call_id, reply_to: replyToOf(request) });
    expect(await cancelled).toEqual({ state: "acknowledged" });
    expect(await port.cancel(workspaceId, newId(), start.call_id, start.reply_to)).toEqual({ state: "gone" });
  });

  it("finds the agent away when its socket closes before the answer", async () => {
    const { ownerId, agent, workspaceId } = await connectedWorkspace();
    const dispatched = port.dispatch(workspaceId, call(), ownerId);
    await agent.next("call.start");
    agent.close();
    expect(await dispatched).toEqual({ state: "away" });
    await soon(async () => expect(await port.dispatch(workspaceId, call(), ownerId)).toEqual({ state: "away" }));
  });

  it("reaches an agent over the socket that it had before the object slept", async () => {
    const { ownerId, agent, workspaceId } = await connectedWorkspace();
    await evictDurableObject(env.WORKSPACES.getByName(workspaceId));
    const dispatched = port.dispatch(workspaceId, call(), ownerId);
    await agent.answer("call.start", { state: "accepted", boot_id: "boot-1" });
    expect(await dispatched).toMatchObject({ state: "accepted" });
    expect(agent.closed).toBeNull();
  });

  it("reads the instructions of the workspace, and does without an agent that refuses", async () => {
    const { ownerId, agent, workspaceId } = await connectedWorkspace();
    const read = port.instructions(workspaceId, ownerId);
    await agent.answer("instructions", {
      directory: "/work",
      os: "linux",
      files: [{ path: "AGENTS.md", content: "Hi" }],
    });
    expect(await read).toMatchObject({ directory: "/work", files: [{ content: "Hi" }] });
    const refused = port.instructions(workspaceId, ownerId);
    const request = await agent.next("instructions");
    agent.send({ id: request.id, error: { message: "No." } });
    expect(await refused).toBeNull();
  });
});

describe("a workspace", () => {
  it("that is started anew has another agent: the old one is cut off and calls go to the new one", async () => {
    const { ownerId, api, agent, token, workspaceId } = await connectedWorkspace();
    const first = port.dispatch(workspaceId, call(), ownerId);
    await agent.answer("call.start", { state: "accepted", boot_id: "boot-1" });

    const response = await api(`/workspaces/${workspaceId}/builds`, { method: "POST" });
    expect(response.status).toBe(201);
    const rebuilt = workspaceConnection.parse(await response.json());
    expect(rebuilt.workspace).toMatchObject({ latest_build: { build_number: 2 }, agent: { status: "connecting" } });
    expect(await agent.whenClosed()).toEqual({ code: 4401, reason: "cut off" });
    await expect(dial(token)).rejects.toThrow("Refused: 401");
    expect(await port.dispatch(workspaceId, call(), ownerId)).toEqual({ state: "away" });

    const successor = await dial(rebuilt.agent_token);
    await successor.hello("boot-9");
    const second = port.dispatch(workspaceId, call(), ownerId);
    await successor.answer("call.start", { state: "accepted", boot_id: "boot-9" });
    const [before, after] = [await first, await second];
    if (!("agentId" in before) || !("agentId" in after)) throw new Error("Not accepted");
    expect(after.agentId).not.toBe(before.agentId);
  });

  it("that was forgotten is gone, for its agent too", async () => {
    const { ownerId, api, agent, token, workspaceId } = await connectedWorkspace();
    expect((await api(`/workspaces/${workspaceId}`, { method: "DELETE" })).status).toBe(204);
    await agent.whenClosed();
    await expect(dial(token)).rejects.toThrow("Refused: 401");
    expect(await port.dispatch(workspaceId, call(), ownerId)).toEqual({ state: "gone" });
    expect(await port.instructions(workspaceId, ownerId)).toBeNull();
  });

  it("takes nothing from the chats of somebody who may not use it, and tells them nothing of it", async () => {
    const { workspaceId } = await connectedWorkspace();
    for (const userId of [(await insertPerson()).userId, newId()]) {
      expect(await port.dispatch(workspaceId, call(), userId)).toEqual({ state: "forbidden" });
      expect(await port.status(workspaceId, [], userId)).toEqual({ state: "forbidden" });
      expect(await port.instructions(workspaceId, userId)).toBeNull();
    }
  });

  it("takes nothing from its owner's chats once they are suspended", async () => {
    const { ownerId, workspaceId } = await connectedWorkspace();
    await env.DB.prepare("update users set status = 'suspended' where id = ?").bind(ownerId).run();
    expect(await port.dispatch(workspaceId, call(), ownerId)).toEqual({ state: "forbidden" });
  });

  it("cuts off on its next look-over an agent whose build was superseded unnoticed", async () => {
    const { agent, workspaceId } = await connectedWorkspace();
    await env.DB.prepare(`update workspaces set deleted = 1 where id = ?`).bind(workspaceId).run();
    expect(await runDurableObjectAlarm(env.WORKSPACES.getByName(workspaceId))).toBe(true);
    expect(await agent.whenClosed()).toMatchObject({ code: 4401 });
    const [row] = await db.select().from(workspaceAgents).where(eq(workspaceAgents.workspaceId, workspaceId));
    expect(row?.disconnectedAt).not.toBeNull();
  });
});
