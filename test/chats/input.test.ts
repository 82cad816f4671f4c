import { describe, expect, it } from "vitest";
import { fileIdsOf, MESSAGE_MAX_BYTES, readContent } from "../../src/chats/input.ts";
import { createChatRequest, type InputPart } from "../../src/contract/chats.ts";
import { Problem } from "../../src/platform/problem.ts";

function refusal(content: InputPart[]): Problem {
  try {
    readContent(content);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("It was taken");
}

describe("readContent", () => {
  it("trims text and drops fields that the type does not have", () => {
    expect(readContent([{ type: "text", text: "  hi\n there \n", file_name: "x", content: "y" }])).toEqual([
      { type: "text", text: "hi\n there" },
    ]);
  });

  it("reads the type without regard to case and spaces", () => {
    const request = createChatRequest.parse({ content: [{ type: " Text ", text: "hi" }] });
    expect(readContent(request.content)).toEqual([{ type: "text", text: "hi" }]);
  });

  it("keeps a file reference as it came, its content untrimmed", () => {
    const reference = {
      type: "file-reference",
      file_name: " a.ts ",
      start_line: 3,
      end_line: 9,
      content: "  x\n",
    } as const;
    expect(readContent([reference])).toEqual([{ ...reference, file_name: "a.ts" }]);
  });

  it("mends text that is no Unicode", () => {
    expect(readContent([{ type: "text", text: "a\ud800b" }])).toEqual([{ type: "text", text: "a\ufffdb" }]);
  });

  it("points at every part that is wrong", () => {
    const problem = refusal([
      { type: "text", text: "fine" },
      { type: "text", text: " \t\n" },
      { type: "text" },
      { type: "file-reference" },
      { type: "file", file_id: "01a20328-f4e9-72ae-a55f-6f045678fe95" },
    ]);
    expect(problem.status).toBe(400);
    expect(problem.errors.map((error) => error.pointer)).toEqual([
      "/content/1/text",
      "/content/2/text",
      "/content/3/file_name",
      "/content/4/file_id",
    ]);
  });

  it("takes the name and type of a file from the file, and keeps no field of another part", () => {
    const [named, nameless] = ["01a20328-f4e9-72ae-a55f-6f045678fe95", "01a20328-f4e9-72ae-a55f-6f045678fe96"];
    const files = new Map([
      [named, { name: "a.png", mediaType: "image/png" }],
      [nameless, { name: "", mediaType: "text/plain" }],
    ]);
    const input: InputPart[] = [
      { type: "file", file_id: named, file_name: "b.svg", text: "x" },
      { type: "file", file_id: nameless },
      { type: "file", file_id: named },
    ];
    expect(fileIdsOf(input)).toEqual([named, nameless]);
    expect(readContent(input, files)).toEqual([
      { type: "file", file_id: named, media_type: "image/png", file_name: "a.png" },
      { type: "file", file_id: nameless, media_type: "text/plain" },
      { type: "file", file_id: named, media_type: "image/png", file_name: "a.png" },
    ]);
    expect(refusal([{ type: "file" }]).errors).toMatchObject([{ pointer: "/content/0/file_id" }]);
  });

  it("takes 1 MB and says the limit for more, counted in bytes of UTF-8", () => {
    const frame = JSON.stringify([{ type: "text", text: "" }]).length;
    const fits = "x".repeat(MESSAGE_MAX_BYTES - frame);
    expect(readContent([{ type: "text", text: fits }])).toHaveLength(1);
    const problem = refusal([{ type: "text", text: `${fits}x` }]);
    expect(problem.status).toBe(413);
    expect(problem.detail).toContain("1 MB");
    expect(refusal([{ type: "text", text: "é".repeat(MESSAGE_MAX_BYTES / 2) }]).status).toBe(413);
    const half = "x".repeat(MESSAGE_MAX_BYTES / 2);
    expect(
      refusal([
        { type: "text", text: half },
        { type: "file-reference", file_name: "a", content: half },
      ]).status,
    ).toBe(413);
  });
});
