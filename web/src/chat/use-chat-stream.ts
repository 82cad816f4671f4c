import { useEffect, useState, useSyncExternalStore } from "react";
import { emptyTimeline } from "../../../src/contract/timeline.ts";
import { openBrowserStream } from "./browser-stream.ts";
import type { ChatStream, StreamState } from "./stream-socket.ts";
import { useOlderPages, type OlderPages } from "./use-older-pages.ts";

const before: StreamState = {
  connection: "connecting",
  denied: null,
  troubled: false,
  timeline: emptyTimeline(),
  cuts: [],
};
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
  return { ...state, older: useOlderPages(chatId, stream) };
}
