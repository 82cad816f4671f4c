import { useCallback, useEffect, useState } from "react";
import type { QueuedMessage } from "../../../../src/contract/chats.ts";
import { ApiError } from "../../api/error.ts";
import { failed, toast, UNDO_FOR_MS } from "../../ui/toaster.tsx";
import { deleteQueued, promoteQueued, restoreQueued, updateQueued } from "../chat-calls.ts";
import { livingWishes, wishedQueue, type QueueWish } from "./queue-order.ts";

export interface Queue {
  /** As it will be once what was asked for has happened. */
  readonly entries: readonly QueuedMessage[];
  /** On its way to being sent. */
  readonly promoted: number | null;
  promote(entry: QueuedMessage): void;
  remove(entry: QueuedMessage): void;
  /** In front of the entry with this id, or to the end. */
  move(entry: QueuedMessage, before: number | null): void;
}

/** The queue with what a person does to it: shown at once, taken back where the server says no. */
export function useQueue(queue: readonly QueuedMessage[]): Queue {
  const [wishes, setWishes] = useState<readonly QueueWish[]>([]);
  const [promoted, setPromoted] = useState<{ id: number; seq: number } | null>(null);
  useEffect(() => setWishes((before) => livingWishes(queue, before)), [queue]);
  const promotedEntry = queue.find((entry) => entry.id === promoted?.id) ?? null;

  const wish = useCallback((made: QueueWish, doing: string, act: () => Promise<unknown>) => {
    setWishes((before) => [...before, made]);
    act().catch((error: unknown) => {
      setWishes((before) => before.filter((each) => each !== made));
      refused(doing, error);
    });
  }, []);

  return {
    entries: wishedQueue(queue, wishes),
    promoted: promotedEntry === null ? null : promotedEntry.id,
    promote: (entry) => {
      setPromoted({ id: entry.id, seq: entry.seq });
      promoteQueued(entry).catch((error: unknown) => {
        setPromoted(null);
        refused("send it now", error);
      });
    },
    remove: (entry) => {
      const at = queue.findIndex((each) => each.id === entry.id);
      const nextId = queue[at + 1]?.id ?? null;
      wish({ kind: "delete", id: entry.id, seq: entry.seq }, "delete the message", async () => {
        await deleteQueued(entry);
        toast("Message deleted", {
          duration: UNDO_FOR_MS,
          action: { label: "Undo", onClick: () => void putBack(entry, nextId) },
        });
      });
    },
    move: (entry, before) =>
      wish({ kind: "move", id: entry.id, seq: entry.seq, before }, "move the message", () =>
        updateQueued(entry, { before }),
      ),
  };
}

async function putBack(entry: QueuedMessage, nextId: number | null): Promise<void> {
  try {
    await restoreQueued(entry, nextId);
  } catch (error) {
    // Its neighbour has gone meanwhile: then it waits at the end, which the list shows.
    if (error instanceof ApiError && error.status === 409) return;
    failed("bring the message back", error);
  }
}

/** Somebody was faster: that is no failure, and the list already shows how things are. */
function refused(doing: string, error: unknown): void {
  if (error instanceof ApiError && error.status === 409) {
    const detail = [error.message, error.detail].filter((line) => line !== null).join(" ");
    toast(`Did not ${doing}`, { description: detail });
  } else failed(doing, error);
}
