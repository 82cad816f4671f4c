import type { ModelPrices } from "../../contract/models.ts";
import { costMicros } from "../../usage/cost.ts";
import { allotId, requireState } from "./cells.ts";
import type { ChatContext, ModelCall } from "./context.ts";
import { enqueueRelease, readBooked } from "./outbox.ts";
import { ModelError, type HoldRefusal } from "./ports.ts";
import { NO_USAGE } from "./transcript.ts";
import { writeTurn } from "./turn-row.ts";

/** Money is set aside for a model call before it goes out, where something limits what the chat's owner spends. */

/** What an answer is thought to have, before it has begun: most are shorter, and few are longer by much. */
const MODEST_ANSWER_TOKENS = 1_000;

/** Whether money must be set aside for the calls of this chat. */
export async function isLimited(context: ChatContext): Promise<boolean> {
  return context.ports.spend.isLimited(requireState(context).owner_id);
}

/**
 * Sets money aside for a call that is about to go out. Throws a ModelError of kind `usage_limit` when the owner has
 * spent all that they may; one that may be tried again when what is left is set aside for other calls.
 */
export async function takeHold(
  context: ChatContext,
  call: { hold: string; promptTokens: number; prices: ModelPrices | null },
): Promise<void> {
  const { id: chatId, owner_id: ownerId } = requireState(context);
  const usage = { ...NO_USAGE, input_tokens: call.promptTokens, output_tokens: MODEST_ANSWER_TOKENS };
  const refusal = await context.ports.spend.hold(ownerId, {
    chatId,
    hold: call.hold,
    micros: costMicros(usage, call.prices) ?? 0,
    booked: readBooked(context, chatId),
  });
  if (refusal !== null) throw refused(refusal);
}

/** The same for the call that the turn has open. Written before it is asked for: should this instance be lost, it is known. */
export async function holdFor(
  context: ChatContext,
  call: ModelCall,
  { hold, promptTokens }: { hold: string; promptTokens: number },
): Promise<void> {
  call.hold = hold;
  writeTurn(context.storage, { hold });
  await takeHold(context, { hold, promptTokens, prices: call.model?.prices ?? null });
}

/** The call has cost nothing: what was set aside for it is free again. */
export function releaseHold(context: ChatContext, hold: string | null): void {
  if (hold !== null) enqueueRelease(context, allotId(context), hold);
}

function refused({ held, resets_at }: HoldRefusal): ModelError {
  const message = held
    ? "What is left of the spend limit is set aside for other answers that are being written."
    : "The spend limit is reached. Nothing is lost.";
  return new ModelError({
    kind: "usage_limit",
    provider: null,
    status: null,
    retryable: held,
    message,
    usage_limit: { resets_at },
  });
}
