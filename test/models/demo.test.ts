import { afterEach, describe, expect, it } from "vitest";
import type { ModelEvent, ModelRequest, PromptMessage, ToolDefinition } from "../../src/chats/engine/ports.ts";
import { json, type Json } from "../../src/contract/common.ts";
import { demoStep, streamDemo } from "../../src/models/demo/model.ts";
import { repairTools, toyWorkspace, userSays, type ToyWorkspace } from "./workspace-double.ts";

const SAMPLE = new URL("../../src/cli/sample", import.meta.url).pathname;
const workspaces: ToyWorkspace[] = [];

afterEach(async () => {
  await Promise.all(workspaces.splice(0).map((workspace) => workspace.remove()));
});

async function open(content: string | Record<string, string>): Promise<ToyWorkspace> {
  const workspace = await toyWorkspace(content);
  workspaces.push(workspace);
  return workspace;
}

/** Plays the engine: calls the demo until it ends its turn, running what it calls. */
async function runTurn(workspace: ToyWorkspace, request = "Fix the failing test") {
  const messages: PromptMessage[] = [userSays(request)];
  const texts: string[] = [];
  const calls: { toolName: string; args: Json }[] = [];
  for (let step = 0; step < 30; step += 1) {
    const { text, calls: wanted } = demoStep({ messages, tools: repairTools });
    texts.push(text);
    if (wanted.length === 0) return { texts, calls, summary: text };
    const ids = wanted.map((_, index) => `call_${step}_${index}`);
    messages.push({
      role: "assistant",
      parts: [
        { type: "text", text },
        ...wanted.map(({ toolName, args }, index) => ({
          type: "tool-call" as const,
          tool_call_id: ids[index] ?? "",
          tool_name: toolName,
          args,
        })),
      ],
    });
    for (const [index, { toolName, args }] of wanted.entries()) {
      calls.push({ toolName, args });
      const { result, isError } = await workspace.call(toolName, args);
      const id = ids[index] ?? "";
      messages.push({
        role: "tool",
        parts: [{ type: "tool-result", tool_call_id: id, tool_name: toolName, result, is_error: isError }],
      });
    }
  }
  throw new Error(`The demo never ended its turn:\n${texts.join("\n\n")}`);
}

function packageJson(): string {
  return JSON.stringify({ type: "module", scripts: { test: "node --test --test-reporter=spec" } });
}

describe("the demo's repair", () => {
  it("turns the sample's red test green by one change and counts what really ran", async () => {
    const workspace = await open(SAMPLE);
    const { texts, calls, summary } = await runTurn(workspace);
    expect(texts[0]).toMatch(/^\*\*Scripted demo, no AI\.\*\*/);
    expect(calls.map(({ toolName }) => toolName).filter((name) => name === "edit_files")).toHaveLength(1);
    expect(calls.at(-1)?.toolName).toBe("execute");
    expect(summary).toContain("All 11 tests pass now; before it were 10.");
    expect(await workspace.read("src/tariff.js")).toContain("lengthMetres <= entry.longest");
  });

  it("finds another fault in another project", async () => {
    const workspace = await open({
      "package.json": packageJson(),
      "pages.js": "export function pageCount(items, size) {\n  return Math.floor(items / size);\n}\n",
      "pages.test.js": `import assert from "node:assert/strict";
import { test } from "node:test";
import { pageCount } from "./pages.js";
test("counts full pages", () => assert.equal(pageCount(20, 10), 2));
test("counts a page that is not full", () => {
  assert.equal(pageCount(21, 10), 3);
});
`,
    });
    const { summary } = await runTurn(workspace, "please find out why the tests fail");
    expect(summary).toContain("All 2 tests pass now; before it were 1.");
    expect(await workspace.read("pages.js")).toContain("Math.ceil");
  });

  it("takes back what does not help, says so, and leaves the files as they were", async () => {
    const source = "export function greet(name) {\n  return name === '' ? 'Hello' : 'Hello ' + name;\n}\n";
    const workspace = await open({
      "package.json": packageJson(),
      "greet.js": source,
      "greet.test.js": `import assert from "node:assert/strict";
import { test } from "node:test";
import { greet } from "./greet.js";
test("greets politely", () => {
  assert.equal(greet("Ada"), "Good evening, Ada");
});
`,
    });
    const { summary } = await runTurn(workspace);
    expect(summary).toContain("still fails, and the files are as they were");
    expect(await workspace.read("greet.js")).toBe(source);
  });

  it("has nothing to do where all tests pass", async () => {
    const workspace = await open({
      "package.json": packageJson(),
      "ok.test.js": 'import { test } from "node:test";\ntest("fine", () => {});\n',
    });
    const { summary, calls } = await runTurn(workspace);
    expect(summary).toContain("The 1 test passes");
    expect(calls).toHaveLength(1);
  });

  it("says when it cannot read what the tests print", async () => {
    const workspace = await open({});
    const { summary } = await runTurn(workspace);
    expect(summary).toContain("its output is not one that I know");
  });

  it("says which tool failed and why", () => {
    const messages: PromptMessage[] = [
      userSays("fix the failing test"),
      {
        role: "assistant",
        parts: [{ type: "tool-call", tool_call_id: "call_1_0", tool_name: "execute", args: { command: "npm test" } }],
      },
      {
        role: "tool",
        parts: [
          {
            type: "tool-result",
            tool_call_id: "call_1_0",
            tool_name: "execute",
            result: { error: "The workspace's agent is away." },
            is_error: true,
          },
        ],
      },
    ];
    const { text, calls } = demoStep({ messages, tools: repairTools });
    expect(calls).toEqual([]);
    expect(text).toContain("`execute` could not do its work: The workspace's agent is away.");
  });
});

describe("the demo otherwise", () => {
  const step = (text: string, tools: ToolDefinition[] = repairTools) => demoStep({ messages: [userSays(text)], tools });

  it("says what it is and how to add a provider", () => {
    const { text, calls } = step("What is the capital of France?");
    expect(calls).toEqual([]);
    expect(text).toMatch(/^\*\*Scripted demo, no AI\.\*\*/);
    expect(text).toContain("Settings → Providers");
    expect(text).toContain("ANTHROPIC_API_KEY");
  });

  it("says that it has no workspace when no tools are offered", () => {
    expect(step("fix the failing test", []).text).toContain("no workspace");
  });

  it("answers the newest request, not an older one", () => {
    const messages = [userSays("fix the failing test"), userSays("thank you!")];
    expect(demoStep({ messages, tools: repairTools }).calls).toEqual([]);
  });
});

describe("streamDemo", () => {
  const request = (overrides: Partial<ModelRequest> = {}): ModelRequest => ({
    configId: "demo",
    messages: [userSays("fix the failing test")],
    tools: repairTools,
    signal: new AbortController().signal,
    onBytes: () => undefined,
    ...overrides,
  });

  it("streams text and a whole call in pieces, and reports usage that costs nothing", async () => {
    const events: ModelEvent[] = [];
    for await (const event of streamDemo(request(), { charactersPerSecond: 1_000 })) events.push(event);
    const text = events.map((event) => (event.type === "text-delta" ? event.text : "")).join("");
    const pieces = events.map((event) => (event.type === "tool-call-delta" ? event.argsDelta : "")).join("");
    const call = events.find((event) => event.type === "tool-call");
    const finish = events.at(-1);
    expect(text).toContain("I run the tests first.");
    expect(call).toMatchObject({ toolName: "execute", argsText: pieces });
    expect(json.parse(JSON.parse(pieces))).toMatchObject({ command: "npm test" });
    expect(finish).toMatchObject({ type: "finish", reason: "tool-calls", usage: { cache_read_tokens: null } });
    if (finish?.type === "finish") expect(finish.usage.input_tokens).toBeGreaterThan(0);
  });

  it("gives the same events for the same conversation", async () => {
    const run = async () => {
      const events: ModelEvent[] = [];
      for await (const event of streamDemo(request(), { charactersPerSecond: 10_000 })) events.push(event);
      return events;
    };
    expect(await run()).toEqual(await run());
  });

  it("stops in the middle when it is aborted", async () => {
    const stop = new AbortController();
    const iterator = streamDemo(request({ signal: stop.signal }), { charactersPerSecond: 100 });
    expect((await iterator.next()).value).toMatchObject({ type: "text-delta" });
    stop.abort(new Error("stopped"));
    await expect(iterator.next()).rejects.toThrow("stopped");
  });
});
