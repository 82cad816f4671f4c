import { openStream, type ChatStream, type DeniedReason } from "./stream-socket.ts";

/** {@link openStream} on a real browser: WebSocket, animation frames, and the moments when a line may be back. */
export function openBrowserStream(chatId: string): ChatStream {
  const stream = openStream(chatId, {
    connect: (path, events) => {
      const url = new URL(path, window.location.href);
      url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
      const socket = new WebSocket(url);
      socket.addEventListener("open", () => events.open());
      socket.addEventListener("message", (event: MessageEvent<unknown>) => {
        if (typeof event.data === "string") events.text(event.data);
      });
      socket.addEventListener("close", (event) => events.closed(event.code));
      return {
        send: (text) => {
          if (socket.readyState === WebSocket.OPEN) socket.send(text);
        },
        close: () => socket.close(),
      };
    },
    probe: () => probe(chatId),
    nextFrame: (publish) => {
      // A hidden page gets no animation frames; a timer keeps its title and its announcements true.
      if (document.hidden) {
        const timer = setTimeout(publish, 250);
        return () => clearTimeout(timer);
      }
      const frame = requestAnimationFrame(publish);
      return () => cancelAnimationFrame(frame);
    },
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    now: () => performance.now(),
    random: Math.random,
    online: () => navigator.onLine,
  });

  const wake = () => {
    if (!document.hidden) stream.nudge();
  };
  window.addEventListener("online", wake);
  window.addEventListener("focus", wake);
  document.addEventListener("visibilitychange", wake);
  return {
    ...stream,
    close: () => {
      window.removeEventListener("online", wake);
      window.removeEventListener("focus", wake);
      document.removeEventListener("visibilitychange", wake);
      stream.close();
    },
  };
}

async function probe(chatId: string): Promise<"ok" | DeniedReason | "unreachable"> {
  const response = await fetch(`/api/v2/chats/${chatId}`, { headers: { accept: "application/json" } });
  if (response.status === 401) return "signed-out";
  if (response.status === 404 || response.status === 403 || response.status === 400) return "not-found";
  return response.ok ? "ok" : "unreachable";
}
