import type { MessagePart } from "../../contract/chats.ts";
import { log } from "../../platform/log.ts";
import { requireState } from "./cells.ts";
import type { ChatContext } from "./context.ts";
import { ModelError, type PromptMessage } from "./ports.ts";
import { nameSpeakers, readSpeakers, SEVERAL_SPEAKERS, severalSpeak } from "./speakers.ts";
import { parseContent, readPromptRows } from "./transcript.ts";

/** AGENTS.md rarely changes within a chat; an agent of a new build is asked anew. */
const INSTRUCTIONS_FRESH_MS = 5 * 60_000;

interface Instructions {
  workspaceId: string;
  text: string;
  readAt: number;
}
const instructions = new WeakMap<ChatContext, Instructions>();
/** What the owner asked for last, for when it cannot be read. */
const ownInstructions = new WeakMap<ChatContext, string>();

/**
 * The prompt of the next step: the chat's system prompt, what is known of the workspace, what its owner
 * asks of every chat, the history.
 */
export async function assemblePrompt(context: ChatContext): Promise<PromptMessage[]> {
  const history = readPromptRows(context.storage).map((row) => ({
    writer: row.created_by,
    message: { role: row.role, parts: parseContent(row) },
  }));
  const several = severalSpeak(history);
  const [workspace, own, speakers] = await Promise.all([
    describeWorkspace(context),
    readOwnInstructions(context),
    several ? readSpeakers(context, history) : [],
    requireWriter(context, history),
  ]);
  const messages = nameSpeakers(history, speakers);
  const system = messages.filter((message) => message.role === "system");
  const rest = messages.filter((message) => message.role !== "system");
  const said = [workspace, own, speakers.length > 0 ? SEVERAL_SPEAKERS : ""].filter((text) => text !== "");
  return [...system, ...said.map(instruction), ...rest];
}

/**
 * What a guest wrote may have waited in the queue since. Throws a ModelError when they may not write here any
 * more: their words stay, and nothing is done about them.
 */
async function requireWriter(context: ChatContext, history: readonly { writer: string | null }[]): Promise<void> {
  const { id, owner_id: ownerId } = requireState(context);
  const writer = history.findLast((row) => row.writer !== null)?.writer ?? ownerId;
  if (writer === ownerId || (await context.ports.people.mayWrite(writer, id))) return;
  const message = "Whoever wrote the last message may not write in this chat any more, so it is not answered.";
  throw new ModelError({ kind: "generic", provider: null, status: null, retryable: false, message });
}

function instruction(text: string): PromptMessage {
  return { role: "system", parts: [{ type: "text", text }] };
}

/** Read anew for each step, so that a change counts at once. */
async function readOwnInstructions(context: ChatContext): Promise<string> {
  const { owner_id: ownerId } = requireState(context);
  try {
    const text = (await context.ports.people.instructions(ownerId)).trim();
    const whole = text === "" ? "" : `<user-instructions>\n${text}\n</user-instructions>`;
    ownInstructions.set(context, whole);
    return whole;
  } catch (error) {
    log.warn("user_instructions.unavailable", { ownerId, error });
    return ownInstructions.get(context) ?? "";
  }
}

async function describeWorkspace(context: ChatContext): Promise<string> {
  const { workspace_id: workspaceId } = requireState(context);
  if (workspaceId === null) {
    return "This chat has no workspace: you have no tools that read files or run commands. Say so when they are needed.";
  }
  const known = instructions.get(context);
  if (known?.workspaceId === workspaceId && context.clock() - known.readAt < INSTRUCTIONS_FRESH_MS) return known.text;
  const text = await readInstructions(context, workspaceId);
  if (text === null) return "A workspace is bound to this chat, but its agent does not answer at the moment.";
  instructions.set(context, { workspaceId, text, readAt: context.clock() });
  return text;
}

async function readInstructions(context: ChatContext, workspaceId: string): Promise<string | null> {
  try {
    const answer = await context.ports.workspaces.instructions(workspaceId, requireState(context).owner_id);
    if (answer === null) return null;
    const files = answer.files.map(
      (file) => `<instructions path=${JSON.stringify(file.path)}>\n${file.content.trim()}\n</instructions>`,
    );
    return [
      `You work in the directory ${answer.directory} on ${answer.os}. Your tools run there.`,
      ...(files.length > 0 ? ["The workspace has instructions for you:", ...files] : []),
    ].join("\n\n");
  } catch (error) {
    log.warn("instructions.unavailable", { workspaceId, error });
    return null;
  }
}

export function promptLength(messages: readonly PromptMessage[]): number {
  return messages.reduce(
    (sum, message) => sum + message.parts.reduce((length, part) => length + partLength(part), 0),
    0,
  );
}

function partLength(part: MessagePart): number {
  return part.type === "text" || part.type === "reasoning" ? part.text.length : JSON.stringify(part).length;
}
