import type { Actor } from "../access/actor.ts";
import { invalidRequest } from "../access/router.ts";
import { authenticateAgain } from "../identity/authentication.ts";
import { createMessageRequest, type CreateMessageRequest, type CreateMessageResponse } from "../contract/chats.ts";
import { resolveModelChoice } from "../models/offers.ts";
import type { StepSettings } from "../models/step-settings.ts";
import { toProblem } from "../platform/failure.ts";
import { newId } from "../platform/ids.ts";
import { log } from "../platform/log.ts";
import { Problem, problemBody } from "../platform/problem.ts";
import { spendRefusal, type SpendState } from "../usage/limits.ts";
import { readForChat } from "./ahead.ts";
import { hashBody, type Surroundings } from "./creation.ts";
import type { SendAsked } from "./engine/fanout.ts";
import type { Answer, SendInput } from "./engine/rpc.ts";
import type { SendAnswer, SocketSender } from "./engine/sends.ts";
import { takeContent } from "./message-content.ts";
import { refusalProblem } from "./object.ts";
import { permit, requireOwnersModel, type PermittedChat } from "./permitted-chat.ts";

/** A message on its way to the object of its chat, whichever way it came. */

/** What the object takes of a message that the actor may send. Throws the Problem of one that it does not get. */
export async function messageToTake(
  { env, db, clock }: Surroundings,
  actor: Actor,
  chat: PermittedChat,
  asked: { body: CreateMessageRequest; idempotencyKey: string | null; spend: SpendState | null },
): Promise<SendInput> {
  const { body, idempotencyKey, spend } = asked;
  requireOwnersModel(chat, body.model_config_id);
  const content = await takeContent(db, actor.userId, body.content, chat.id);
  const model = body.model_config_id === undefined ? null : await resolveModelChoice(db, env, body.model_config_id);
  return {
    content,
    createdBy: actor.userId,
    modelConfigId: model?.id ?? null,
    idempotencyKey,
    bodyHash: hashBody(body),
    refusal: spendRefusal(spend, { ownerId: chat.ownerId, askedBy: actor.userId }, clock()),
  };
}

/**
 * A message over a socket, which was let in some time ago: asks anew who this is and what they may, and gives the
 * object (`take`) the message with what D1 said of the step that it starts. Refusals are told as HTTP would tell them.
 */
export async function answerOverSocket(
  around: Surroundings,
  sender: SocketSender,
  asked: SendAsked,
  take: (input: SendInput, settings: StepSettings | null) => Answer<CreateMessageResponse>,
): Promise<SendAnswer> {
  const { key } = asked;
  const about = { request_id: newId(), user_id: sender.userId, chat_id: sender.chatId };
  try {
    const { input, settings } = await admit(around, sender, asked);
    const answer = take(input, settings);
    if (!answer.ok) throw refusalProblem(answer.refusal);
    log.info("socket.message", { ...about, status: 200 });
    return { type: "sent", key, response: answer.value };
  } catch (error) {
    const problem = toProblem(error, about);
    log.info("socket.message", { ...about, status: problem.status });
    const seconds = Number(problem.headers["retry-after"]);
    return {
      type: "refused",
      key,
      problem: problemBody(problem, about.request_id),
      ...(seconds > 0 ? { retry_after: seconds } : {}),
    };
  }
}

async function admit(
  around: Surroundings,
  { chatId, userId, credential }: SocketSender,
  { key, message }: SendAsked,
): Promise<{ input: SendInput; settings: StepSettings | null }> {
  const { db, clock } = around;
  const now = clock();
  const [found, { stored, settings, spend = null }] = await Promise.all([
    authenticateAgain(db, { userId, credential }, now),
    readForChat(db, chatId, now),
  ]);
  if (found === null) throw new Problem(401, "Sign in first.");
  found.touch?.().catch((error: unknown) => log.warn("credential.untouched", { error, user_id: userId }));
  const { chat, byRole } = permit(found.actor, stored, "use");
  // The line that it leaves in the audit log names an address and a program, which only a request has.
  if (byRole) throw new Problem(421, "Send this message over HTTP.");
  const body = createMessageRequest.safeParse(message);
  if (!body.success) throw invalidRequest(body.error, "json");
  const input = await messageToTake(around, found.actor, chat, { body: body.data, idempotencyKey: key, spend });
  return { input, settings };
}
