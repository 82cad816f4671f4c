import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { messagesResponse } from "../../../src/contract/chats.ts";
import { emptyTimeline } from "../../../src/contract/timeline.ts";
import { get } from "../api/client.ts";
import { openBrowserStream } from "./browser-stream.ts";
import type { ChatStream, StreamState } from "./stream-socket.ts";
import type { OlderPages } from "./timeline-view.tsx";

const PAGE = 50;
const before: StreamState = { connection: "connecting", denied: null, troubled: false, timeline: emptyTimeline() };
const nothing = () => () => {};

/** The live state of a chat, and its older pages on demand. */
export function useChatStream(chatId: string): StreamState & { older: OlderPages } {
  const [stream, setStream] = useState<ChatStream | null>(null);
  useEffect(() => {
    const opened = openBrowserStream(chatId);
    setStream(opened);
    return () => opened.close();
  }, [chatId]);
  const state = useSyncExternalStore(stream?.subscribe ?? nothing, stream?.state ?? (() => before));
  return { ...state, older: useOlderPages(chatId, stream, state) };
}

function useOlderPages(chatId: string, stream: ChatStream | null, state: StreamState): OlderPages {
  const [phase, setPhase] = useState<OlderPages["state"]>("idle");
  const oldest = useRef<number | undefined>(undefined);
  oldest.current = state.timeline.messages.at(0)?.id;
  const load = useCallback(() => {
    const beforeId = oldest.current;
    if (stream === null || beforeId === undefined) return;
    setPhase("loading");
    get(`/chats/${chatId}/messages`, messagesResponse, { query: { before_id: beforeId, limit: PAGE } }).then(
      (page) => {
        stream.addPage(page);
        setPhase("idle");
      },
      () => setPhase("failed"), // the view says so and offers to try again
    );
  }, [chatId, stream]);
  return { state: phase, load };
}
