import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AppendLog } from "../../src/agent/append-log.ts";
import { Journal } from "../../src/agent/journal.ts";
import { makeSandbox } from "./support/agent.ts";

describe("AppendLog", () => {
  it("keeps the order of lines, also of those that come while it is rewritten", async () => {
    const path = join((await makeSandbox()).root, "log");
    const log = await AppendLog.startWith(path, ["start"]);
    const before = Array.from({ length: 50 }, (_, n) => log.append(`${n}`, n % 2 === 0));
    expect(await log.rewrite(() => [])).toBe(false); // It is busy.
    await Promise.all(before);
    expect(await readFile(path, "utf8")).toBe(`start\n${Array.from({ length: 50 }, (_, n) => `${n}\n`).join("")}`);

    const rewritten = log.rewrite(() => ["compact"]);
    const after = [log.append("x", true), log.append("y", false)];
    expect(await rewritten).toBe(true);
    await Promise.all(after);
    expect(await readFile(path, "utf8")).toBe("compact\nx\ny\n");
    expect(log.size).toBe((await stat(path)).size);
    await log.close();
  });
});

describe("Journal", () => {
  it("is the same after it was read back, twice", async () => {
    const folder = (await makeSandbox()).root;
    const first = await Journal.open(folder, "boot 1");
    const result = { value: { output: "é\n🌊" }, isError: false };
    for (const id of ["running", "done", "confirmed", "cancelled", "late"]) await first.accept(id, `to ${id}`);
    await first.leaveTombstone("never", "to never");
    await first.end("done", result, false);
    await first.end("confirmed", result, false);
    await first.acknowledge("confirmed");
    await first.end("cancelled", { value: null, isError: true }, true);
    await first.end("late", result, true);
    await first.acknowledge("late");
    await first.acknowledge("unknown");
    await first.close();

    for (const boot of ["boot 2", "boot 3"]) {
      const journal = await Journal.open(folder, boot);
      const states = ["running", "done", "confirmed", "cancelled", "late", "never", "unknown"].map((id) =>
        journal.state(id),
      );
      expect(states).toEqual([
        { state: "interrupted", bootId: "boot 1" },
        { state: "done", bootId: "boot 1" },
        { state: "acknowledged", bootId: "boot 1" },
        { state: "cancelled", bootId: "boot 1" },
        { state: "cancelled", bootId: "boot 1" },
        { state: "cancelled", bootId: "boot 1" },
        { state: "unknown", bootId: null },
      ]);
      const open = journal.unacknowledged().map(({ callId, replyTo, result: kept }) => ({ callId, replyTo, kept }));
      expect(open).toEqual([
        { callId: "done", replyTo: "to done", kept: result },
        { callId: "cancelled", replyTo: "to cancelled", kept: { value: null, isError: true } },
      ]);
      await expect(journal.end("running", result, false)).rejects.toThrow(); // Only its own boot may end it.
      await journal.close();
    }
  });
});
