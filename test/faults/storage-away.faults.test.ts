import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";
import { chatFile } from "../../src/contract/files.ts";
import { problem } from "../../src/contract/common.ts";
import { text } from "../fixtures/provider-server/server.ts";
import { layFaultGround, turnCalls, type FaultGround } from "./support/fault-ground.ts";
import { readLedger, readUploads } from "./support/ledger.ts";
import { itSurvives } from "./support/proof.ts";
import { begun, commandTurn, letEnd, provesExact } from "./support/turns.ts";

// D1 or R2 do not answer for a while. A turn that was admitted needs neither to end; what they missed they learn later.

let ground: FaultGround;
beforeAll(async () => {
  ground = await layFaultGround();
});
afterEach(() => ground?.faults.mend());
afterAll(() => ground?.remove());

describe("D1 is away", () => {
  itSurvives("D1 away from the admission to the end of the turn", async (proof) => {
    ground.provider.when("[away]", [{ parts: [{ type: "hold", name: "away" }, text("Said without D1.")] }]);
    const { id } = await ground.begin("[away]");
    const viewer = await ground.watch(id);
    await ground.provider.held();
    const mend = ground.faults.fail("d1");
    proof.struck();
    ground.provider.release("away");
    // The transcript and its viewers have all of it, while D1 still believes that the turn runs.
    await viewer.sees("the turn ends", ({ status, messages }) => status === "waiting" && messages.length === 2);
    expect((await ground.ask("GET", `/chats/${id}`)).status).toBe(503);
    await sleep(3_000);
    expect(readLedger(ground, id).chat?.status).not.toBe("waiting");
    mend();
    await provesExact(ground, proof, { id }, "[away]", {
      roles: ["user", "assistant"],
      lastText: "Said without D1.",
      calls: 1,
    });
    await proof.nothingLost(async () => {
      expect(viewer.closed()).toBeNull();
      expect((await ground.listChats()).find((chat) => chat.id === id)).toMatchObject({ status: "waiting" });
    });
    viewer.close();
  });

  itSurvives("D1 away in the middle of a turn with tools", async (proof) => {
    ground.provider.when("[midway]", commandTurn("midway"));
    const { id } = await ground.begin("[midway]");
    const viewer = await ground.watch(id);
    await begun(ground, "midway");
    const mend = ground.faults.fail("d1");
    proof.struck();
    letEnd(ground, "midway");
    // The next step needs a model, and D1 knows the models.
    await viewer.sees("the step waits for its next try", ({ retry }) => retry !== null);
    mend();
    await provesExact(ground, proof, { id }, "[midway]", {
      roles: ["user", "assistant", "tool", "assistant"],
      lastText: "It ran.",
      calls: 2,
      command: { file: "midway" },
    });
    viewer.close();
  });

  itSurvives("D1 away while the Worker is killed", async (proof) => {
    ground.provider.when("[twofold]", [{ parts: [{ type: "hold", name: "twofold" }, text("Said and kept.")] }]);
    const { id } = await ground.begin("[twofold]");
    const viewer = await ground.watch(id);
    await ground.provider.held();
    const mend = ground.faults.fail("d1");
    ground.provider.release("twofold");
    await viewer.sees("the turn ends", ({ status, messages }) => status === "waiting" && messages.length === 2);
    proof.struck();
    await ground.killWorker();
    mend();
    await ground.revive();
    await provesExact(ground, proof, { id }, "[twofold]", {
      roles: ["user", "assistant"],
      lastText: "Said and kept.",
      calls: 1,
    });
  });
});

describe("R2 is away", () => {
  itSurvives("R2 away during an upload", async (proof) => {
    const before = readUploads(ground).length;
    const mend = ground.faults.fail("r2");
    proof.struck();
    const refused = await upload();
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).not.toBeNull();
    expect(problem.parse(await refused.json()).title).toBe("The file could not be stored just now.");
    mend();
    const stored = await proof.ends(upload(), ({ status }) => `503, then ${status}`);
    await proof.nothingLost(async () => {
      const { id } = chatFile.parse(await stored.json());
      const read = await ground.ask("GET", `/chats/files/${id}`);
      expect(new Uint8Array(await read.arrayBuffer())).toEqual(PICTURE);
    });
    await proof.nothingTwice(() => {
      // Of the first try nothing is left that anybody could name.
      const kept = readUploads(ground).filter(({ discarded_at }) => discarded_at === null);
      expect(kept).toHaveLength(before + 1);
    });
  });

  itSurvives("R2 away when a prompt needs an attachment", async (proof) => {
    ground.provider.when("[picture]", [{ parts: [text("A picture of one pixel.")] }]);
    const { id: fileId } = chatFile.parse(await (await upload()).json());
    const mend = ground.faults.fail("r2");
    proof.struck();
    const id = await ask("[picture]", fileId);
    const viewer = await ground.watch(id);
    await viewer.sees("the step waits for its next try", ({ retry }) => retry !== null);
    expect(viewer.timeline().retry?.error).toBe("An attached file could not be read just now.");
    viewer.close();
    mend();
    await provesExact(ground, proof, { id }, "[picture]", {
      roles: ["user", "assistant"],
      lastText: "A picture of one pixel.",
      calls: 1,
    });
    await proof.nothingLost(() => {
      const [call] = turnCalls(ground, "[picture]");
      expect(JSON.stringify(call)).toContain(Buffer.from(PICTURE).toString("base64"));
    });
  });
});

/** The smallest PNG that there is. */
const PICTURE = new Uint8Array(
  Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  ),
);

function upload(): Promise<Response> {
  return ground.ask("POST", "/chats/files", { bytes: PICTURE, type: "image/png" });
}

async function ask(words: string, fileId: string): Promise<string> {
  const content = [
    { type: "text", text: words },
    { type: "file", file_id: fileId },
  ];
  const response = await ground.ask("POST", "/chats", { json: { content } });
  const { id }: { id: string } = JSON.parse(await response.text());
  return id;
}
