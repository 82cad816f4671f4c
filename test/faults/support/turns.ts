import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { text, toolCall, type Part, type Scenario, type ScenarioOf } from "../../fixtures/provider-server/server.ts";
import { eventually } from "../../support/poll.ts";
import { linesOf, textOf, turnCalls, type Chat, type FaultGround, type Message } from "./fault-ground.ts";
import { readLedger } from "./ledger.ts";
import type { Proof } from "./proof.ts";

/** Turns as the fault tests make them, and what must be true of each, whatever was broken meanwhile. */

/** A command that leaves a line when it begins, waits until the test lets it end, and leaves another one. */
export function patientCommand(name: string): Part {
  const command = `echo began >> ${name}; while [ ! -e ${name}.go ]; do sleep 0.1; done; echo ended >> ${name}`;
  return toolCall("execute", { command, timeout: "3m" });
}

export function letEnd({ directory }: FaultGround, name: string): void {
  writeFileSync(join(directory, `${name}.go`), "");
}

export async function begun(ground: FaultGround, name: string): Promise<void> {
  await eventually(`the command ${name} begins`, () => (linesOf(ground, name).length > 0 ? true : null));
}

/** Never answers the first time it is asked; whoever asks again gets an answer. */
export function silentOnce(words: string): ScenarioOf {
  let asked = 0;
  return () => (asked++ === 0 ? { parts: [{ type: "hold" }] } : { parts: [text(words)] });
}

/** A turn of one command and an answer. */
export const commandTurn = (name: string): Scenario[] => [
  { parts: [patientCommand(name)] },
  { parts: [text("It ran.")] },
];

export function rolesOf(messages: Message[]): string[] {
  return messages.map(({ role }) => role);
}

export interface Expected {
  roles: string[];
  lastText: string;
  /** Model calls of its turns. */
  calls: number;
  /** What its command left in which file, if it ran one. */
  command?: { file: string; lines?: string[] };
}

/** Nobody watches. The chat ends well, with all of its messages, and nothing was done or paid for twice. */
export async function provesExact(
  ground: FaultGround,
  proof: Proof,
  chat: Pick<Chat, "id">,
  mark: string,
  expected: Expected,
): Promise<Message[]> {
  // The system prompt, which people do not see, is in the books, too.
  const ended = await proof.ends(ground.ended(chat.id, expected.roles.length + 1), ({ status }) => status);
  expect(ended).toMatchObject({ status: "waiting", last_error: null });
  const messages = await ground.readMessages(chat.id);
  await proof.nothingLost(async () => {
    expect(rolesOf(messages)).toEqual(expected.roles);
    expect(textOf(messages.at(-1))).toBe(expected.lastText);
    await inTheBooks(ground, chat.id, messages);
  });
  await proof.nothingTwice(() => {
    expect(turnCalls(ground, mark)).toHaveLength(expected.calls);
    const { command } = expected;
    if (command !== undefined) expect(linesOf(ground, command.file)).toEqual(command.lines ?? ["began", "ended"]);
  });
  return messages;
}

/** The ledger and the lists say what the chat says. */
export async function inTheBooks(ground: FaultGround, chatId: string, messages: Message[]): Promise<void> {
  await eventually(`D1 knows of chat ${chatId}`, () => {
    const { chat, rows } = readLedger(ground, chatId);
    const booked = new Set(rows.filter(({ kind }) => kind === "message").map(({ id }) => id));
    return chat?.status === "waiting" && messages.every(({ id }) => booked.has(id)) ? true : null;
  });
}
