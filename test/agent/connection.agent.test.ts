import { chmod, readFile, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import { Connection } from "../../src/agent/connection.ts";
import { bundleAgent } from "../../src/cli/bundle-agent.ts";
import { makeSandbox, startBench, TestAgent, TOKEN } from "./support/agent.ts";
import { eventually } from "./support/eventually.ts";
import { lives } from "./support/lives.ts";
import { TestRelay } from "./support/relay.ts";

describe("the connection", () => {
  it("says who is there, with the token in the header alone", async () => {
    const { relay, sandbox, agent } = await startBench();
    expect(relay.authorizations).toEqual([`Bearer ${TOKEN}`]);
    expect(relay.hellos[0]).toMatchObject({ protocol: 1, os: process.platform, arch: process.arch });
    expect(relay.hellos[0]?.directory).toBe(sandbox.work);
    expect(agent.said).not.toContain(TOKEN);
  });

  it("comes back by itself, at growing intervals, as the same boot", async () => {
    const { relay } = await startBench();
    const port = relay.port;
    relay.refuses = 503;
    relay.drop();
    await eventually(() => relay.dialledAt.length >= 5, 20_000);
    const waits = relay.dialledAt.slice(1).map((at, n) => at - (relay.dialledAt[n] ?? 0));
    expect(waits[3]).toBeGreaterThan(2000 - 50);
    expect(waits[3]).toBeLessThan(20_000);
    await relay.close();
    await sleep(200);
    const second = await new TestRelay().listen(port);
    onTestFinished(() => second.close());
    await eventually(() => second.hellos.length > 0, 40_000);
    expect(second.hellos[0]?.boot_id).toBe(relay.hellos[0]?.boot_id);
  });

  it("stops with exit code 2 when the token is not valid any more, and ends its processes", async () => {
    const { relay, agent, sandbox } = await startBench();
    await relay.call("t/1/0", "execute", { command: "echo $$ > pid; sleep 300", run_in_background: true });
    const pid = await eventually(
      async () => Number(await readFile(join(sandbox.work, "pid"), "utf8").catch(() => "")) || null,
    );
    relay.refuses = 401;
    relay.drop();
    expect(await agent.exited).toBe(2);
    expect(lives(pid)).toBe(false);
    expect(agent.said).toContain("the token is not valid any more");
    expect(agent.said).not.toContain(TOKEN);
  });

  it("does not fight an agent that took its place", async () => {
    const { relay, agent } = await startBench();
    relay.drop(4001, "replaced");
    await eventually(() => agent.said.includes("another agent connected"));
    await sleep(3000);
    expect(relay.dialledAt).toHaveLength(1);
    const stoppedAt = performance.now();
    expect(await agent.stop()).toBe(0);
    expect(performance.now() - stoppedAt).toBeLessThan(20_000);
  });

  it("notices a relay that has gone silent", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void silent.close());
    await once(silent, "listening");
    const address = silent.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    // Takes the connection, welcomes the agent, and is never heard of again: as a network that was unplugged.
    const sockets = new WebSocketServer({ server: silent });
    let dialled = 0;
    sockets.on("connection", (socket) => {
      dialled++;
      socket.once("message", () => {
        socket.send(JSON.stringify({ id: 1, result: { workspace_id: "w", agent_id: "a" } }));
      });
    });
    const hello = { protocol: 1, version: "0", boot_id: "b", os: "o", arch: "a", hostname: "h", directory: "/" };
    const connection = new Connection({
      endpoint: new URL(`ws://127.0.0.1:${address.port}`),
      token: TOKEN,
      hello,
      answers: new Map(),
      onWelcome: () => undefined,
      pingMs: 300,
    });
    const ended = connection.run();
    await eventually(() => dialled >= 2);
    // It does not say goodbye either, and still holds nobody up.
    for (const client of sockets.clients) client.pause();
    const stoppedAt = performance.now();
    connection.stop();
    expect(await ended).toBe("stopped");
    // The goodbye itself would be waited for for 30 s.
    expect(performance.now() - stoppedAt).toBeLessThan(20_000);
    for (const client of sockets.clients) client.terminate();
  });

  it("survives what is no frame, and refuses what it does not know", async () => {
    const { relay } = await startBench();
    for (const junk of ["{", "[]", "null", "7", '{"id":1}', '{"id":{},"method":"x"}', '{"method":"later"}', "pong"]) {
      relay.sendText(junk);
    }
    await expect(relay.ask("no.such", {})).rejects.toThrow("does not know no.such");
    await expect(relay.ask("call.start", { call_id: "" })).rejects.toThrow("Wrong parameters");
    expect((await relay.call("x/1/0", "execute", { command: "echo still here" })).result).toMatchObject({
      output: "still here\n",
    });
    expect(relay.hellos).toHaveLength(1);
  });
});

describe("starting", () => {
  it("reads the token from a private file, and from no other", async () => {
    const sandbox = await makeSandbox();
    const relay = await new TestRelay().listen();
    onTestFinished(() => relay.close());
    const file = join(sandbox.root, "token");
    await writeFile(file, `${TOKEN}\n`, { mode: 0o644 });
    await chmod(file, 0o644);
    const environment = { TIDELINE_URL: `${relay.url}/`, TIDELINE_AGENT_TOKEN_FILE: file };
    const refused = new TestAgent(sandbox, environment);
    expect(await refused.exited).toBe(1);
    expect(refused.said).toContain(`chmod 600 ${file}`);
    await chmod(file, 0o600);
    new TestAgent(sandbox, environment);
    await relay.connected();
    expect(relay.authorizations).toEqual([`Bearer ${TOKEN}`]);
  });

  it("says in one sentence what is missing or wrong", async () => {
    const sandbox = await makeSandbox();
    const url = "http://127.0.0.1:1";
    const wrong: [Record<string, string>, string][] = [
      [{}, "TIDELINE_URL"],
      [{ TIDELINE_URL: "nowhere", TIDELINE_AGENT_TOKEN: TOKEN }, "not an address"],
      [{ TIDELINE_URL: "ftp://x", TIDELINE_AGENT_TOKEN: TOKEN }, "https://"],
      [{ TIDELINE_URL: url }, "TIDELINE_AGENT_TOKEN"],
      [{ TIDELINE_URL: url, TIDELINE_AGENT_TOKEN: "a\nb" }, "characters"],
      [{ TIDELINE_URL: url, TIDELINE_AGENT_TOKEN_FILE: "/none" }, "cannot be read"],
      [{ TIDELINE_URL: url, TIDELINE_AGENT_TOKEN: TOKEN, TIDELINE_ROOTS: "/none" }, "TIDELINE_ROOTS"],
    ];
    for (const [environment, words] of wrong) {
      const agent = new TestAgent(sandbox, environment);
      expect(await agent.exited).toBe(1);
      expect(agent.said).toContain(words);
      expect(agent.said.trim().split("\n")).toHaveLength(1);
      expect(agent.said).not.toContain(TOKEN);
    }
  });

  it("works as one bundled file with nothing beside it", async () => {
    const sandbox = await makeSandbox();
    const relay = await new TestRelay().listen();
    onTestFinished(() => relay.close());
    const bundle = join(sandbox.root, "tideline-agent.cjs");
    await bundleAgent(bundle);
    new TestAgent(sandbox, { TIDELINE_URL: relay.url, TIDELINE_AGENT_TOKEN: TOKEN }, bundle);
    await relay.connected();
    expect(relay.hellos[0]?.version).toMatch(/^\d+\.\d+\.\d+/);
    expect((await relay.call("b/1/0", "execute", { command: "echo hi" })).result).toMatchObject({ output: "hi\n" });
  });
});
