import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ModelError, type PromptMessage } from "../../src/chats/engine/ports.ts";
import { readAttachments, type FilePart, type FilePort } from "../../src/models/attachments.ts";
import { streamOffer } from "../../src/models/port.ts";
import { toProviderPrompt } from "../../src/models/prompt.ts";
import { startProviderServer, type ProviderServer } from "../fixtures/provider-server/server.ts";
import { apis, offerAt, requestFor } from "./calls.ts";

const PIXELS = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);

function file(name: string, media_type: string): FilePart {
  return { type: "file", file_id: name, media_type, file_name: name };
}

const user = (...parts: PromptMessage["parts"]): PromptMessage => ({ role: "user", parts });

/** Files by name; `read` is the order in which they were asked for. */
function filesOf(contents: Record<string, Uint8Array>) {
  const read: string[] = [];
  const port: FilePort = {
    async read(id, maxBytes) {
      read.push(id);
      const bytes = contents[id];
      if (bytes === undefined) return { state: "gone" };
      return bytes.byteLength > maxBytes ? { state: "too_large" } : { state: "read", bytes };
    },
  };
  return { port, read };
}

async function promptOf(messages: PromptMessage[], contents: Record<string, Uint8Array>, room?: number) {
  const { port, read } = filesOf(contents);
  const attachments = await readAttachments(messages, port, room);
  const prompt = toProviderPrompt(messages, { metadataKey: null, marksCache: false }, attachments);
  const content = prompt.flatMap((message) => (message.role === "user" ? message.content : []));
  return { content, read };
}

const textOf = (text: string) => new TextEncoder().encode(text);

describe("attached files", () => {
  it("are images for models to see, where they stand in the message", async () => {
    const { content } = await promptOf(
      [user({ type: "text", text: "Before" }, file("a.png", "image/png"), { type: "text", text: "After" })],
      { "a.png": PIXELS },
    );
    expect(content).toEqual([
      { type: "text", text: "Before" },
      { type: "file", mediaType: "image/png", filename: "a.png", data: { type: "data", data: PIXELS } },
      { type: "text", text: "After" },
    ]);
  });

  it("are words when they are text, in a block that they cannot end", async () => {
    const { content } = await promptOf([user(file("a.md", "text/markdown"))], { "a.md": textOf("```\nünï\n```\n") });
    expect(content).toEqual([{ type: "text", text: "[attached file] a.md\n````\n```\nünï\n```\n````" }]);
  });

  it("are cut at 128 KiB when they are text, between characters", async () => {
    const long = "🌊".repeat(40_000);
    const { content } = await promptOf([user(file("a.txt", "text/plain"))], { "a.txt": textOf(`x${long}`) });
    const text = content[0]?.type === "text" ? content[0].text : "";
    expect(text).toContain(`x${"🌊".repeat(32_767)}\n`);
    expect(text).not.toContain("\ufffd");
    expect(text).toMatch(/left out: the file is too long\.\]$/);
  });

  it("are read newest first while there is room, and named where there is none", async () => {
    const images = ["a.png", "b.png", "c.png", "d.png"].map((name) => file(name, "image/png"));
    const small = new Uint8Array(100);
    const contents = { "a.png": small, "b.png": new Uint8Array(500), "c.png": small, "d.png": small };
    const { content, read } = await promptOf(
      images.map((image) => user(image)),
      contents,
      600,
    );
    expect(read).toEqual(["d.png", "c.png", "b.png"]);
    expect(content.map((part) => part.type)).toEqual(["text", "text", "file", "file"]);
    expect(content[1]).toMatchObject({ text: expect.stringContaining('The file "b.png" of type image/png') });
  });

  it("count each time that they stand in the prompt", async () => {
    const image = file("a.png", "image/png");
    const { content } = await promptOf([user(image, { ...image })], { "a.png": new Uint8Array(100) }, 150);
    expect(content.map((part) => part.type)).toEqual(["text", "file"]);
  });

  it("say so when they are gone, and older ones are still read", async () => {
    const { content } = await promptOf([user(file("a.png", "image/png")), user(file("b.png", "image/png"))], {
      "a.png": PIXELS,
    });
    expect(content[0]).toMatchObject({ type: "file" });
    expect(content[1]).toMatchObject({ text: expect.stringContaining("It is not there any more.") });
  });

  it("make the call worth another try when they cannot be read", async () => {
    const away: FilePort = { read: () => Promise.reject(new Error("R2 is away")) };
    const failed = readAttachments([user(file("a.png", "image/png"))], away);
    await expect(failed).rejects.toBeInstanceOf(ModelError);
    await expect(failed).rejects.toMatchObject({ detail: { retryable: true } });
  });
});

describe("on the wire", () => {
  let server: ProviderServer;
  beforeAll(async () => {
    server = await startProviderServer();
  });
  afterEach(() => server.reset());
  afterAll(() => server.close());

  it.each(apis)("of $name the bytes of an image are in the request", async (api) => {
    const { port } = filesOf({ "a.png": PIXELS });
    const messages = [user({ type: "text", text: "scenario:text" }, file("a.png", "image/png"))];
    const types: string[] = [];
    const offer = offerAt(server.baseUrl, api);
    for await (const event of streamOffer(offer, requestFor("", { messages }), {}, Date.now, port)) {
      types.push(event.type);
    }
    expect(types).toContain("finish");
    const sent = JSON.stringify(server.requests[0]?.body);
    expect(sent).toContain(Buffer.from(PIXELS).toString("base64"));
    expect(sent).toContain("image/png");
  });
});
