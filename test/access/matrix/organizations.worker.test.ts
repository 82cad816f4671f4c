import { describe, expect, it } from "vitest";
import { samples } from "./operations.ts";
import { isOfAccounts, isOfChats, operations, runMatrix } from "./run.ts";

describe("the matrix", () => {
  it("knows every operation of the document, and none that is not there", () => {
    expect(Object.keys(samples).sort()).toEqual(operations.map(({ operationId }) => operationId).sort());
  });
});

runMatrix("organisations, workspaces and the rest", (operation) => !isOfAccounts(operation) && !isOfChats(operation));
