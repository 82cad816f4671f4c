import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { projectDirectory } from "../../src/cli/project.ts";
import { agentEnvironment } from "../../src/cli/worker-settings.ts";
import { freePort } from "../support/own-tideline.ts";
import { eventually } from "../support/poll.ts";
import { processTree, stillRunning } from "../support/process-tree.ts";

// `npm start` as a person has it: a program that prints lines and gets signals.

let home: string;
let port: number;
const starts: Start[] = [];
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "tideline-start-"));
  port = await freePort();
});
afterAll(() => rmSync(home, { recursive: true, maxRetries: 5 }));
// A test that failed in the middle leaves its start running, and the port taken.
afterEach(async () => {
  for (const start of starts.splice(0)) {
    start.signal("SIGTERM");
    await start.ended;
  }
});

describe("npm start", () => {
  it("prints where it is and the first-run link, and Ctrl-C ends all that it started", async () => {
    const start = begin({ ANTHROPIC_API_KEY: "sk-ant-never-used" });
    await start.says(`Ready: http://localhost:${port}\n`);
    await start.says("Ctrl-C ends it.");
    expect(start.output()).toMatch(new RegExp(`http://localhost:${port}/setup\\?token=[\\w-]{20,}\n`));
    // A real model is set up, so the shell is spoken of.
    expect(start.output()).toContain("the agent runs commands in a shell as you");
    expect(readFileSync(join(home, "env"), "utf8")).toContain("sk-ant-never-used");

    const tree = processTree(start.pid);
    expect(tree.map(({ command }) => command).join()).toContain("workerd");
    expect(tree.length).toBeGreaterThan(3);
    start.signal("SIGINT");
    expect(await start.ended).toBe(0);
    await eventually("all of it has ended", () => (stillRunning(tree).length === 0 ? true : null));
    expect(existsSync(join(home, "env"))).toBe(false);
  });

  it("starts again on the same data, and prints the sign-in once somebody has been there", async () => {
    const token = /SETUP_TOKEN=(.*)/.exec(readFileSync(join(home, "dev.vars"), "utf8"))?.[1];
    const first = begin();
    await first.says("Ctrl-C ends it.");
    expect(first.output()).toContain(`/setup?token=${token}`);
    const setup = await fetch(`http://localhost:${port}/api/v2/setup`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: `http://localhost:${port}` },
      body: JSON.stringify({ token, username: "ada", email: "ada@example.com", password: "a long enough password" }),
    });
    expect(setup.status).toBe(201);
    first.signal("SIGTERM");
    expect(await first.ended).toBe(0);

    const second = begin();
    await second.says("Ctrl-C ends it.");
    expect(second.output()).toContain(`http://localhost:${port}/login`);
    expect(second.output()).not.toContain("token=");

    // Another one on the same port is told in one sentence.
    const third = begin();
    expect(await third.ended).toBe(1);
    expect(third.output()).toBe(
      `Port ${port} is taken. Stop what uses it, or choose another one: PORT=${port + 1} npm start\n`,
    );
    second.signal("SIGINT");
    expect(await second.ended).toBe(0);
  });

  it("leaves nothing behind when it is cut off while it starts", async () => {
    const start = begin();
    await start.says("Starting…");
    const tree = await eventually("workerd is there", () => {
      const now = processTree(start.pid);
      return now.some(({ command }) => command.includes("workerd")) ? now : null;
    });
    start.signal("SIGINT");
    expect(await start.ended).not.toBe(0);
    await eventually("everything has ended", () => (stillRunning(tree).length === 0 ? true : null));
  });
});

interface Start {
  pid: number;
  ended: Promise<number | null>;
  output(): string;
  says(words: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

function begin(env: Record<string, string> = {}): Start {
  const child: ChildProcess = spawn(process.execPath, [join(projectDirectory, "src", "cli", "dev.ts")], {
    cwd: projectDirectory,
    env: { ...agentEnvironment(process.env), ...env, PORT: String(port), TIDELINE_HOME: home },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  child.stderr?.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  let over = false;
  // Closed, not only exited: then all that it said has arrived.
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  void ended.then(() => (over = true));
  const start: Start = {
    pid: child.pid ?? 0,
    ended,
    output: () => text,
    async says(words) {
      const said = () => {
        if (over) throw new Error(`It ended instead:\n${text}`);
        return text.includes(words) ? true : null;
      };
      // The first start builds the web app too, which takes its time where many things run.
      await eventually(`it says ${words}`, said, 150_000);
    },
    signal: (name) => void child.kill(name),
  };
  starts.push(start);
  return start;
}
