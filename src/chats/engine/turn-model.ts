import { requireState } from "./cells.ts";
import type { ChatContext, ModelCall } from "./context.ts";
import type { ResolvedModel } from "./ports.ts";
import { readTurn, type Turn } from "./turn-row.ts";

/** What every model call of a turn asks, whether it answers or summarises. */

/** The model that was wanted, or the default where that one is gone; null when there is none at all. */
export async function resolveModel(context: ChatContext, configId: string): Promise<ResolvedModel | null> {
  const { owner_id: ownerId } = requireState(context);
  const { models } = context.ports;
  return (await models.resolve(configId, ownerId)) ?? (await models.resolveDefault(ownerId));
}

/** The model of the step's newest call, as it was written before that call went out. */
export function modelOf(turn: Turn): ResolvedModel | null {
  return turn.model === null ? null : (JSON.parse(turn.model) as ResolvedModel);
}

/** Whether the turn is still the one that this call began for. */
export function isCurrent(context: ChatContext, call: ModelCall): boolean {
  return context.modelCall === call && readTurn(context.storage).fence === call.fence;
}
