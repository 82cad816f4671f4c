import { useCallback, useState } from "react";
import { messagesResponse } from "../../../src/contract/chats.ts";
import { get } from "../api/client.ts";
import type { ChatStream } from "./stream-socket.ts";

export interface OlderPages {
  readonly state: "idle" | "loading" | "failed";
  /** Reads the page before the oldest message that is here. */
  load(limit?: number): void;
}

const PAGE = 50;

/** A chat's older messages, a page at a time. */
export function useOlderPages(chatId: string, stream: ChatStream | null): OlderPages {
  const [state, setState] = useState<OlderPages["state"]>("idle");
  const load = useCallback(
    (limit = PAGE) => {
      const beforeId = stream?.state().timeline.messages.at(0)?.id;
      if (stream === null || beforeId === undefined) return;
      setState("loading");
      get(`/chats/${chatId}/messages`, messagesResponse, { query: { before_id: beforeId, limit } }).then(
        (page) => {
          stream.addPage(page);
          setState("idle");
        },
        () => setState("failed"), // the view says so and offers to try again
      );
    },
    [chatId, stream],
  );
  return { state, load };
}
