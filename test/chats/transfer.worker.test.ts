import { describe, expect, it } from "vitest";
import { chatExport } from "../../src/contract/chat-export.ts";
import { chat } from "../../src/contract/chats.ts";
import { problem } from "../../src/contract/common.ts";
import { jsonDepth } from "../../src/chats/import.ts";
import { newId } from "../../src/platform/ids.ts";
import { getTestApp, type Client } from "../support/app.ts";
import { quickAnswer, useModel } from "./scripted-model.ts";
import { answeredChat, idleChat, messagesOf } from "./support.ts";

const prompts: unknown[] = [];
const model = useModel((request) => {
  prompts.push(request.messages);
  return quickAnswer(request);
});
const { addUser } = await getTestApp();
const ann = await addUser("ann");
const bob = await addUser("bob");

async function exported(client: Client, chatId: string) {
  const response = await client.request(`/api/v2/chats/${chatId}/export`);
  expect(response.status).toBe(200);
  return chatExport.parse(await response.json());
}

const importing = (client: Client, body: unknown, headers: Record<string, string> = {}) =>
  client.request("/api/v2/chats/import", { method: "POST", body, headers });

async function imported(client: Client, body: unknown) {
  const response = await importing(client, body);
  expect(response.status).toBe(201);
  return chat.parse(await response.json());
}

const file = (messages: object[]) => ({ format: "tideline-chat", chat: { title: "Old days" }, messages });
const said = (role: string, content: unknown, content_version = 1) => ({ role, content, content_version });
const text = (words: string) => [{ type: "text", text: words }];

describe("a chat in a file", () => {
  it("comes back as it was said, with nothing booked and nothing run", async () => {
    const made = await answeredChat(ann, "Where is the pier?");
    const out = await exported(ann, made.id);
    expect(out.messages.map(({ role, visibility }) => [role, visibility])).toEqual([
      ["system", "model"],
      ["user", "both"],
      ["assistant", "both"],
    ]);
    expect(out.messages[2]?.usage).toMatchObject({ input_tokens: 3, output_tokens: 1 });

    const calls = model.calls;
    const back = await imported(bob, out);
    expect(back).toMatchObject({ owner_id: bob.userId, status: "waiting", title: made.title, has_unread: false });
    const again = await exported(bob, back.id);
    expect(again.messages.map(({ content, role }) => ({ content, role }))).toEqual(
      out.messages.map(({ content, role }) => ({ content, role })),
    );
    expect(again.messages.every(({ usage, total_cost_micros }) => usage === null && total_cost_micros === null)).toBe(
      true,
    );
    expect(again.messages.map((message) => message.created_by)).toEqual([null, bob.userId, null]);
    expect(model.calls).toBe(calls);
  });

  it("of older content is read by role, kept as it was, and understood by the next turn", async () => {
    const messages = [
      said("system", "Be brief.", 0),
      said("user", [{ type: "text", data: { text: "List it" } }], 0),
      said(
        "assistant",
        [{ type: "tool-call", data: { tool_call_id: "t1", tool_name: "execute", input: '{"command":"ls"}' } }],
        0,
      ),
      said("tool", [{ tool_call_id: "t1", tool_name: "execute", result: { output: "a b" }, is_error: false }], 0),
      said("assistant", text("There are two.")),
    ];
    const back = await imported(ann, file(messages.map((message) => ({ ...message, visibility: "both" }))));
    expect((await messagesOf(ann, back.id)).map((message) => message.content).toReversed()).toMatchObject([
      text("Be brief."),
      text("List it"),
      [{ type: "tool-call", tool_call_id: "t1", args: { command: "ls" } }],
      [{ type: "tool-result", tool_call_id: "t1", result: { output: "a b" } }],
      text("There are two."),
    ]);
    const out = await exported(ann, back.id);
    expect(out.messages.map((message) => [message.content_version, message.content])).toEqual(
      messages.map((message) => [message.content_version, message.content]),
    );
    await ann.request(`/api/v2/chats/${back.id}/messages`, { method: "POST", body: { content: text("And now?") } });
    expect((await idleChat(ann, back.id)).status).toBe("waiting");
    expect(JSON.stringify(prompts.at(-1))).toContain("Be brief.");
    expect(JSON.stringify(prompts.at(-1))).toContain('"output":"a b"');
  });

  it("gets the instructions of a new chat where it brings none, and can be found", async () => {
    const back = await imported(ann, file([said("user", text("A heliotrope question"))]));
    expect((await exported(ann, back.id)).messages[0]).toMatchObject({ role: "system", visibility: "model" });
    const found = await ann.request("/api/v2/chats/search?q=heliotrope");
    expect(await found.json()).toMatchObject([{ chat: { id: back.id } }]);
  });

  it("leaves signatures, ids of calls and files of others behind", async () => {
    const fileId = newId();
    const parts = [
      { type: "reasoning", text: "Hm", provider_metadata: { anthropic: { signature: "x" } } },
      { type: "tool-call", tool_call_id: "call_3_0", tool_name: "execute", args: {}, provider_metadata: { a: 1 } },
    ];
    const back = await imported(
      ann,
      file([
        said("user", [{ type: "file", file_id: fileId, media_type: "image/png" }]),
        said("assistant", parts),
        said("tool", [{ type: "tool-result", tool_call_id: "call_3_0", tool_name: "execute", result: "ok" }]),
      ]),
    );
    const contents = (await exported(ann, back.id)).messages.slice(1).map((message) => message.content);
    expect(contents).toEqual([
      text("[A file of type image/png was attached here.]"),
      [
        { type: "reasoning", text: "Hm" },
        { type: "tool-call", tool_call_id: "imported_call_3_0", tool_name: "execute", args: {} },
      ],
      [{ type: "tool-result", tool_call_id: "imported_call_3_0", tool_name: "execute", result: "ok" }],
    ]);
  });

  it("is one chat for one Idempotency-Key", async () => {
    const headers = { "idempotency-key": newId() };
    const body = file([said("user", text("Once"))]);
    const first = chat.parse(await (await importing(ann, body, headers)).json());
    expect(chat.parse(await (await importing(ann, body, headers)).json()).id).toBe(first.id);
    expect((await importing(ann, file([said("user", text("Twice"))]), headers)).status).toBe(422);
  });

  it("is refused with where it is wrong", async () => {
    const wrong: [unknown, string][] = [
      [file([]), "/messages"],
      [{ format: "other", messages: [] }, "/format"],
      [file([said("user", text("ok")), said("user", text("x"), 7)]), "/messages/1/content_version"],
      [file([said("user", [{ type: "text" }])]), "/messages/0/content/0/text"],
      [file([said("tool", "text", 0)]), "/messages/0/content"],
      [file([said("pirate", text("x"))]), "/messages/0/role"],
      [file([said("user", { a: 1 })]), "/messages/0/content"],
    ];
    for (const [body, pointer] of wrong) {
      const response = await importing(ann, body);
      expect([pointer, response.status]).toEqual([pointer, 400]);
      expect(problem.parse(await response.json()).errors?.map((error) => error.pointer)).toContain(pointer);
    }
    const deep = `{"format":"tideline-chat","messages":[{"role":"user","content_version":0,"content":${"[".repeat(50_000)}${"]".repeat(50_000)}}]}`;
    expect((await importing(ann, deep)).status).toBe(400);
    expect((await importing(ann, file([said("user", text("x".repeat(1_000_001)))]))).status).toBe(413);
    expect((await importing(ann, file([said("user", text("x".repeat(11_000_000)))]))).status).toBe(413);
    expect((await importing(ann, "{")).status).toBe(400);
  });

  it("is its readers' alone", async () => {
    const made = await answeredChat(ann);
    expect((await bob.request(`/api/v2/chats/${made.id}/export`)).status).toBe(404);
    expect((await bob.request(`/api/v2/chats/${newId()}/export`)).status).toBe(404);
  });

  it("of thousands of messages goes out and comes in whole", async () => {
    const messages = Array.from({ length: 1_500 }, (_, index) =>
      said(index % 2 === 0 ? "user" : "assistant", text(`No. ${index}`)),
    );
    const back = await imported(ann, file(messages));
    const out = await exported(ann, back.id);
    expect(out.messages.slice(1).map((message) => message.content)).toEqual(messages.map((message) => message.content));
  });
});

describe("jsonDepth", () => {
  it("counts what nests, and nothing that is said", () => {
    expect(jsonDepth('{"a":[1,{"b":"[[[[\\"{{"}]}')).toBe(3);
    expect(jsonDepth('"text"')).toBe(0);
  });
});
