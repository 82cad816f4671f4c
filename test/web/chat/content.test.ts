import { describe, expect, it } from "vitest";
import { editMessageRequest, type MessagePart } from "../../../src/contract/chats.ts";
import { editedInput, gist, inputOf, newInput, textOf } from "../../../web/src/chat/content.ts";

const fileId = "0192f0c0-0000-7000-8000-000000000001";
const otherId = "0192f0c0-0000-7000-8000-000000000002";
const content: MessagePart[] = [
  { type: "text", text: "First" },
  { type: "file", file_id: fileId, media_type: "image/png" },
  { type: "file-reference", file_name: "a.ts", start_line: 3 },
  { type: "text", text: "Second" },
];

describe("a message said anew", () => {
  it("has the new text and files, and keeps what it refers to", () => {
    const edited = editedInput(content, " New ", [{ fileId: otherId }]);
    expect(edited).toEqual([
      { type: "text", text: "New" },
      { type: "file", file_id: otherId },
      { type: "file-reference", file_name: "a.ts", start_line: 3 },
    ]);
    expect(editMessageRequest.safeParse({ content: edited }).success).toBe(true);
  });
  it("needs no text when it has files", () => {
    expect(newInput("  ", [{ fileId }])).toEqual([{ type: "file", file_id: fileId }]);
    expect(newInput("  ", [])).toEqual([]);
  });
  it("is sent back as it was", () => {
    expect(inputOf(content).map((part) => part.type)).toEqual(["text", "file", "file-reference", "text"]);
    expect(textOf(content)).toBe("First\n\nSecond");
  });
});

describe("gist", () => {
  it("is the text on one line, or what there is instead", () => {
    expect(gist([{ type: "text", text: "One\n\n two" }])).toBe("One two");
    expect(gist([{ type: "file", file_id: fileId, media_type: "image/png" }])).toBe("One attached file");
    expect(gist([{ type: "file-reference", file_name: "a.ts" }])).toBe("a.ts");
  });
});
