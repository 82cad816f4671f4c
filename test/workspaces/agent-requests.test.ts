import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AgentRequests, REQUEST_LIMIT_MS } from "../../src/workspaces/agent-requests.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class Socket {
  readonly sent: { id: string; method: string; params: unknown }[] = [];
  closed = false;

  send(text: string): void {
    if (this.closed) throw new TypeError("Can't call WebSocket send() after close().");
    this.sent.push(JSON.parse(text));
  }
}

const started = { state: "accepted", boot_id: "b" } as const;
const call = { call_id: "c", reply_to: "r", tool: "execute", args: null };

describe("AgentRequests", () => {
  it("matches answers by id, in any order", async () => {
    const [requests, socket] = [new AgentRequests<Socket>("i"), new Socket()];
    const one = requests.send(socket, "call.start", call);
    const two = requests.send(socket, "instructions", {});
    const [first, second] = socket.sent;
    requests.answer(socket, second?.id ?? "", { result: { directory: "/", os: "linux", files: [] } });
    requests.answer(socket, first?.id ?? "", { result: started });
    expect(await one).toEqual({ state: "answered", result: started });
    expect(await two).toMatchObject({ state: "answered", result: { directory: "/" } });
  });

  it("drops answers to an earlier instance, from another socket, or a second time", async () => {
    const [requests, socket, other] = [new AgentRequests<Socket>("now"), new Socket(), new Socket()];
    const asked = requests.send(socket, "call.start", call);
    const id = socket.sent[0]?.id ?? "";
    requests.answer(socket, id.replace("now", "before"), { result: { ...started, boot_id: "old" } });
    requests.answer(other, id, { result: { ...started, boot_id: "foreign" } });
    requests.answer(socket, id, { result: started });
    requests.answer(socket, id, { error: "late" });
    expect(await asked).toEqual({ state: "answered", result: started });
  });

  it("gives up after its limit, and at once when the socket is lost or closed", async () => {
    const [requests, socket, other] = [new AgentRequests<Socket>("i"), new Socket(), new Socket()];
    const late = requests.send(other, "call.start", call);
    const lost = [requests.send(socket, "call.start", call), requests.send(socket, "call.ack", { call_id: "c" })];
    requests.lose(socket);
    expect(await Promise.all(lost)).toEqual([
      { state: "lost", why: "closed" },
      { state: "lost", why: "closed" },
    ]);
    socket.closed = true;
    expect(await requests.send(socket, "call.start", call)).toEqual({ state: "lost", why: "closed" });
    await vi.advanceTimersByTimeAsync(REQUEST_LIMIT_MS - 1);
    const stillOpen = vi.fn();
    void late.then(stillOpen);
    await vi.advanceTimersByTimeAsync(0);
    expect(stillOpen).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(await late).toEqual({ state: "lost", why: "timeout" });
  });

  it("takes an error, or a result of another shape, as a refusal", async () => {
    const [requests, socket] = [new AgentRequests<Socket>("i"), new Socket()];
    const refused = requests.send(socket, "call.start", call);
    const strange = requests.send(socket, "call.start", call);
    requests.answer(socket, socket.sent[0]?.id ?? "", { error: "No such tool." });
    requests.answer(socket, socket.sent[1]?.id ?? "", { result: { state: "dancing" } });
    expect(await refused).toEqual({ state: "refused", message: "No such tool." });
    expect(await strange).toMatchObject({ state: "refused" });
  });
});
