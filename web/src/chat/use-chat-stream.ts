import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
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

/** The live state of a chat, its older pages on demand, and the way for a message that its line is. */
export function useChatStream(chatId: string): StreamState & { older: OlderPages; send: ChatStream["send"] } {
  const [stream, setStream] = useState<ChatStream | null>(null);
  const newest = useRef<ChatStream | null>(null);
  useEffect(() => {
    const opened = openBrowserStream(chatId);
    newest.current = opened;
    setStream(opened);
    return () => {
      newest.current = null;
      opened.close();
    };
  }, [chatId]);
  const send = useCallback<ChatStream["send"]>(
    async (key, message) => (await newest.current?.send(key, message)) ?? null,
    [],
  );
  const state = useSyncExternalStore(stream?.subscribe ?? nothing, stream?.state ?? (() => before));
  return { ...state, older: useOlderPages(chatId, stream), send };
}
