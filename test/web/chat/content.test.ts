import { describe, expect, it } from "vitest";
import { editMessageRequest, type MessagePart } from "../../../src/contract/chats.ts";
import { editedInput, gist, inputOf, newInput, referencesOf, textOf } from "../../../web/src/chat/content.ts";

const fileId = "0192f0c0-0000-7000-8000-000000000001";
const otherId = "0192f0c0-0000-7000-8000-000000000002";
const content: MessagePart[] = [
  { type: "text", text: "First" },
  { type: "file", file_id: fileId, media_type: "image/png" },
  { type: "file-reference", file_name: "a.ts", start_line: 3 },
  { type: "text", text: "Of this line" },
];

describe("a message said anew", () => {
  it("has the new text and files, and keeps what it refers to, with what is said of that", () => {
    const edited = editedInput(content, " New ", [{ fileId: otherId }]);
    expect(edited).toEqual([
      { type: "text", text: "New" },
      { type: "file", file_id: otherId },
      { type: "file-reference", file_name: "a.ts", start_line: 3 },
      { type: "text", text: "Of this line" },
    ]);
    expect(editMessageRequest.safeParse({ content: edited }).success).toBe(true);
  });
  it("needs no text when it has files", () => {
    expect(newInput("  ", [{ fileId }])).toEqual([{ type: "file", file_id: fileId }]);
    expect(newInput("  ", [])).toEqual([]);
  });
  it("is sent back as it was", () => {
    expect(inputOf(content).map((part) => part.type)).toEqual(["text", "file", "file-reference", "text"]);
  });
});

describe("the text of a message", () => {
  it("is all that was said, but for remarks on lines of a file, which stand with them", () => {
    expect(textOf([...content, { type: "text", text: "And last" }])).toBe("First\n\nAnd last");
    const lines = { type: "file-reference", file_name: "a.ts", start_line: 3 } as const;
    expect(referencesOf(content)).toEqual([{ part: lines, remark: "Of this line" }]);
    expect(referencesOf([lines, lines])).toEqual([
      { part: lines, remark: null },
      { part: lines, remark: null },
    ]);
  });
});

describe("gist", () => {
  it("is the text on one line, or what there is instead", () => {
    expect(gist([{ type: "text", text: "One\n\n two" }])).toBe("One two");
    expect(gist([{ type: "file", file_id: fileId, media_type: "image/png" }])).toBe("One attached file");
    expect(gist([{ type: "file-reference", file_name: "a.ts" }])).toBe("a.ts");
  });
});
