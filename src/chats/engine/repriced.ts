import { firstRow } from "../../platform/object-storage.ts";
import { requireState } from "./cells.ts";
import type { ChatContext } from "./context.ts";
import type { RepricedCall } from "./rpc.ts";
import { readUsage } from "./state.ts";
import type { Changes } from "./stream.ts";
import { toWireMessage, type MessageRow } from "./transcript.ts";

/**
 * Model calls of this chat have other costs now: an admin had them priced anew, in the ledger. Messages and the
 * chat's total follow. A repeat changes nothing.
 */
export function takePrices(context: ChatContext, calls: readonly RepricedCall[]): void {
  context.stream.commit((changes) => {
    for (const call of calls) takePrice(context, changes, call);
  });
}

function takePrice(context: ChatContext, changes: Changes, call: RepricedCall): void {
  const message = firstRow(context.storage.exec<MessageRow>("select * from messages where id = ?", call.id));
  const before = message === null ? costOfCall(context, call) : message.total_cost_micros;
  if (before === call.costMicros) return;
  if (message === null) {
    context.storage.exec("insert or replace into call_costs (id, cost) values (?, ?)", call.id, call.costMicros);
  } else {
    const row = { ...message, total_cost_micros: call.costMicros, seq: changes.stamp() };
    // The ledger keeps its own price of such a row, so the outbox need not hear of it.
    context.storage.exec(
      "update messages set total_cost_micros = ?, seq = ? where id = ?",
      call.costMicros,
      row.seq,
      row.id,
    );
    if (row.deleted === 0 && row.visibility !== "model") {
      changes.emit({ type: "message", message: toWireMessage(requireState(context).id, row) });
    }
  }
  moveTotal(context, changes, before, call.costMicros);
}

/** Calls that left no message have a row of their own; those of an older release only in the ledger. */
function costOfCall(context: ChatContext, call: RepricedCall): number | null {
  const [known] = context.storage.exec<{ cost: number | null }>("select cost from call_costs where id = ?", call.id);
  return known === undefined ? call.beforeMicros : known.cost;
}

function moveTotal(context: ChatContext, changes: Changes, before: number | null, after: number | null): void {
  const used = readUsage(requireState(context));
  const total = (used.total_cost_micros ?? 0) - (before ?? 0) + (after ?? 0);
  const unpriced = used.unpriced_calls + (after === null ? 1 : 0) - (before === null ? 1 : 0);
  const next = {
    ...used,
    total_cost_micros: Math.min(Math.max(0, total), Number.MAX_SAFE_INTEGER),
    unpriced_calls: Math.max(0, unpriced),
  };
  context.storage.exec("update chat set usage = ?, usage_seq = ?", JSON.stringify(next), changes.stamp());
  changes.emit({ type: "usage", usage: next });
}
