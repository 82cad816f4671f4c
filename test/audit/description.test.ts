import { describe, expect, it } from "vitest";
import { csvLine } from "../../src/audit/csv.ts";
import { describeAudit, type Described } from "../../src/audit/description.ts";
import { csvCell } from "../../src/platform/csv.ts";

const line: Described = { action: "write", resourceType: "provider", target: "Anthropic", diff: {}, username: "ada" };

describe("describeAudit", () => {
  it.each<[Partial<Described>, string]>([
    [
      { diff: { base_url: {}, api_key: { secret: true } } },
      "ada changed the provider “Anthropic” (base url, api key).",
    ],
    [{ action: "create", diff: { name: {} } }, "ada created the provider “Anthropic”."],
    [{ action: "share", resourceType: "chat_share", target: "Plans" }, "ada changed the sharing of the chat “Plans”."],
    [{ action: "read", resourceType: "chat", target: "Plans" }, "ada read the chat “Plans”."],
    [{ action: "login", resourceType: "session" }, "ada signed in."],
    [
      { action: "login_failed", resourceType: "session", target: "eve", username: null },
      "Somebody tried to sign in as “eve” and failed.",
    ],
    [{ username: null }, "Tideline changed the provider “Anthropic”."],
  ])("%o is %s", (change, sentence) => {
    expect(describeAudit({ ...line, ...change })).toBe(sentence);
  });
});

describe("csvCell", () => {
  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1"])(
    "makes text of %j, which a spreadsheet would run",
    (text) => {
      expect(csvCell(text)).toBe(`"'${text}"`);
    },
  );

  it("leaves other text as it is, quotes doubled", () => {
    expect(csvCell('a "b", c=1')).toBe('"a ""b"", c=1"');
    expect(csvCell("")).toBe('""');
  });

  it("guards every column of a line", () => {
    const cells = csvLine({
      id: "1",
      time: "2026-11-22T10:00:00.000Z",
      user: { id: "2", username: "=u", name: "", avatar_url: "" },
      organization_id: null,
      action: "login",
      resource_type: "session",
      resource_id: "=r",
      resource_target: "=t",
      diff: {},
      ip: "=i",
      user_agent: "=a",
      request_id: "=q",
      description: "=d",
    });
    expect(cells).not.toMatch(/(^|,)"?=/);
    expect(cells.endsWith("\r\n")).toBe(true);
  });
});
