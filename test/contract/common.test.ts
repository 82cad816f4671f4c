import { describe, expect, it } from "vitest";
import { asOneLine, oneLine } from "../../src/contract/common.ts";
import { createTokenRequest, updateUserRequest } from "../../src/contract/identity.ts";
import { createGroupRequest } from "../../src/contract/organizations.ts";
import { renamePasskeyRequest } from "../../src/contract/sign-in.ts";

const hostile = [
  ["a line break", "Ada\nadmin"],
  ["a NUL", "Ada\0"],
  ["an escape sequence", "Ada\u001B[31m"],
  ["a line separator", "Ada\u2028admin"],
  ["an override of direction", "Ada \u202Enimda"],
  ["an isolate", "Ada \u2067nimda"],
  ["half a character", "Ada \uD83D"],
] as const;

describe("what people call themselves and things", () => {
  it.each(hostile)("has no %s in it", (_, text) => {
    const requests = [
      updateUserRequest.safeParse({ name: text }),
      createTokenRequest.safeParse({ token_name: text }),
      createGroupRequest.safeParse({ name: "team", display_name: text }),
      renamePasskeyRequest.safeParse({ name: text }),
    ];
    expect(requests.map(({ success }) => success)).toEqual([false, false, false, false]);
    // What another system says is taken, without it.
    expect(oneLine(20).safeParse(asOneLine(text, 20)).success).toBe(true);
  });

  it.each(["Ada Lovelace", "עדה לאבלייס", "آدا\u200Cلاولیس", "👩‍💻 Ada", "李明", ""])("may be %j", (text) => {
    expect(oneLine(20).parse(` ${text}\n`)).toBe(text);
    expect(asOneLine(text, 20)).toBe(text);
  });

  it("is cut where a whole character ends", () => {
    expect(asOneLine("Ada 😀", 5)).toBe("Ada");
  });
});
