import type { ChatFacts } from "../../contract/chats.ts";
import { firstTitle } from "../../contract/title.ts";
import { log } from "../../platform/log.ts";
import { firstRow } from "../../platform/object-storage.ts";
import { createAnswer } from "./answer.ts";
import { allotId, requireState, setTitle } from "./cells.ts";
import { bookIfPaid, estimateTokens } from "./close.ts";
import type { ChatContext } from "./context.ts";
import type { PromptMessage, ResolvedModel } from "./ports.ts";
import { promptLength } from "./prompt.ts";
import { ARCHIVED, refuse } from "./refusals.ts";
import type { Answer } from "./rpc.ts";
import { releaseHold, takeHold } from "./spend.ts";
import { toWireChat } from "./state.ts";
import { parseContent, textOf, type MessageRow } from "./transcript.ts";

/**
 * A title that a model makes of the first question and its answer. A job, not part of the turn: it
 * survives the turn's end, and one that was lost starts again.
 */

const TITLE_LIMIT_MS = 30_000;
const TITLE_MAX_TOKENS = 256;
const EXCERPT_LENGTH = 2_000;
const TITLE_MAX_CHARACTERS = 80;

const INSTRUCTION =
  "Name this conversation in 2 to 8 words, beginning with a verb where it fits, in sentence case, in the language of " +
  "the question, without quotes and without a full stop. Answer with the title only.";

/** After the first answer, while the chat still bears the first words of its question. */
export function wantTitle(context: ChatContext): void {
  const { title, parent_chat_id: parentId } = requireState(context);
  const question = firstQuestion(context);
  if (parentId !== null || question === null || title !== firstTitle(parseContent(question))) return;
  if (!answeredBefore(context)) context.jobs.arm("title", "", context.clock());
}

/** Whether an answer that was not cut off has been followed by another question: its title was asked for then. */
function answeredBefore(context: ChatContext): boolean {
  const followed = context.storage.exec(
    `select 1 from messages question join messages answer on answer.id =
       (select max(id) from messages where id < question.id and visibility = 'both' and deleted = 0)
     where question.role = 'user' and question.visibility = 'both' and question.deleted = 0
       and answer.role = 'assistant' and answer.estimated = 0 limit 1`,
  );
  return followed.length > 0;
}

/** A person asks for another one. */
export function regenerateTitle(context: ChatContext): Answer<ChatFacts> {
  const state = requireState(context);
  if (state.archived === 1) return refuse(ARCHIVED);
  context.jobs.arm("title", "", context.clock());
  return { ok: true, value: toWireChat(state) };
}

/** The job. A failure costs nothing but the title: the first words stay. */
export async function makeTitle(context: ChatContext): Promise<void> {
  const { last_model_config_id: configId, title: before } = requireState(context);
  const question = firstQuestion(context);
  const [model, limited] = await Promise.all([
    context.ports.models.resolveForTitle(configId),
    context.ports.spend.limitsAreOn(),
  ]);
  if (model === null || question === null) return;
  const messages: PromptMessage[] = [
    { role: "system", parts: [{ type: "text", text: INSTRUCTION }] },
    { role: "user", parts: [{ type: "text", text: excerpt(context, question) }] },
  ];
  const promptTokens = estimateTokens(promptLength(messages));
  const hold = limited ? `title/${allotId(context)}` : null;
  if (hold !== null && !(await mayCost(context, hold, model, promptTokens))) return;
  const answer = createAnswer(0);
  const tooLate = new AbortController();
  // Cleared at once: a timer that still runs, as that of AbortSignal.timeout would, keeps the object from sleeping.
  const timer = setTimeout(() => tooLate.abort(), TITLE_LIMIT_MS);
  try {
    for await (const event of context.ports.models.stream({
      configId: model.configId,
      messages,
      tools: [],
      signal: tooLate.signal,
      onBytes: () => undefined,
      maxOutputTokens: TITLE_MAX_TOKENS,
    })) {
      answer.apply(event);
    }
  } catch (error) {
    log.info("title.failed", { chatId: requireState(context).id, error });
  } finally {
    clearTimeout(timer);
  }
  const title = cleanTitle(textOf(answer.parts()));
  context.stream.commit((changes) => {
    bookIfPaid(context, changes, { answer, model, reported: null, hold, promptTokens }, "title");
    // Somebody who renamed the chat meanwhile knows better.
    if (title !== "" && requireState(context).title === before) setTitle(context, changes, title);
  });
  context.advance();
}

/** A title is worth no error: without money for it the first words stay. */
async function mayCost(
  context: ChatContext,
  hold: string,
  model: ResolvedModel,
  promptTokens: number,
): Promise<boolean> {
  try {
    await takeHold(context, { hold, promptTokens, prices: model.prices });
    return true;
  } catch (error) {
    log.info("title.no_hold", { chatId: requireState(context).id, error });
    releaseHold(context, hold);
    context.advance();
    return false;
  }
}

function firstQuestion(context: ChatContext): MessageRow | null {
  return firstRow(
    context.storage.exec<MessageRow>(
      "select * from messages where role = 'user' and visibility = 'both' and deleted = 0 order by id limit 1",
    ),
  );
}

function excerpt(context: ChatContext, question: MessageRow): string {
  const answers = context.storage.exec<MessageRow>(
    "select * from messages where role = 'assistant' and visibility = 'both' and deleted = 0 and id > ? order by id limit 20",
    question.id,
  );
  const said = answers.map((row) => textOf(parseContent(row))).filter((words) => words !== "");
  const cut = (words: string): string => words.slice(0, EXCERPT_LENGTH).toWellFormed();
  return `<question>\n${cut(textOf(parseContent(question)))}\n</question>\n<answer>\n${cut(said.at(-1) ?? "")}\n</answer>`;
}

/** One line without quotes around it, cut at 80 characters. */
export function cleanTitle(text: string): string {
  const line = text
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .replace(/^["'“”„«»`]+|["'“”„«»`.]+$/gu, "")
    .trim();
  return Array.from(line).slice(0, TITLE_MAX_CHARACTERS).join("").toWellFormed();
}
