import { useEffect, useState } from "react";
import type { Timeline } from "../../../src/contract/timeline.ts";
import { send } from "../api/client.ts";
import { failed } from "../ui/toaster.tsx";
import { isActive } from "./rows.ts";

/** A summary of the context that a person asks for; only an idle chat can make one. */
export function useSummarise(
  chatId: string,
  timeline: Timeline,
): { available: boolean; running: boolean; start: () => void } {
  const [asked, setAsked] = useState(false);
  const active = isActive(timeline.status);
  const newest = timeline.messages.at(-1)?.id;
  // Over when the turn that makes it is over: the marker or an error is there.
  useEffect(() => {
    if (!active) setAsked(false);
  }, [active, newest]);
  return {
    available: timeline.ready && !active && timeline.messages.some((message) => message.role === "assistant"),
    running: asked && active,
    start: () => {
      setAsked(true);
      send("POST", `/chats/${chatId}/compact`).catch((error: unknown) => {
        setAsked(false);
        failed("summarise the chat", error);
      });
    },
  };
}
