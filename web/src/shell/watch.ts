import type { QueryClient } from "@tanstack/react-query";
import { z } from "zod";
import { watchEnded, watchEvent, type WatchEnded, type WatchEvent } from "../../../src/contract/chats.ts";
import { PING_EVERY_MS } from "../../../src/contract/stream.ts";
import { socketUrl } from "../api/client.ts";
import { CHAT_KEY, CHATS_KEY, meQuery, rightsQuery } from "../api/queries.ts";
import { refreshLimitAfter } from "../usage/limit-queries.ts";
import { tellChats } from "./chat-cache.ts";
import { noteSignedOut, signedOut } from "./signed-out.ts";

const RETRY_MIN_MS = 500;
/** A server that is away is asked twice a minute at most, by each open browser. */
const RETRY_MAX_MS = 30_000;
/** Two pings without any answer: the connection is dead, though nobody closed it. */
const SILENCE_MS = 2 * PING_EVERY_MS + 5_000;
/** The server closes with it when the session has ended, and says why. */
const SIGNED_OUT = 4403;

/**
 * Follows every chat of the signed-in user: `GET /chats/watch` writes into the query cache.
 * The socket has no cursor, so what is shown is read anew on each connect; versions settle the order.
 * `onConnected` is told when it is or is no longer up to date. Returns what ends it.
 */
export function watchChats(queryClient: QueryClient, onConnected: (connected: boolean) => void): () => void {
  let socket: WebSocket | null = null;
  let failures = 0;
  let cameBack = false;
  let ended = false;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let lastHeard = 0;

  function connect(): void {
    if (ended || socket !== null) return;
    clearTimeout(retryTimer);
    const mine = new WebSocket(socketUrl("/chats/watch"));
    socket = mine;
    lastHeard = Date.now();
    mine.addEventListener("open", function opened() {
      if (socket !== mine) return;
      failures = 0;
      lastHeard = Date.now();
      onConnected(true);
      void queryClient.invalidateQueries({ queryKey: CHATS_KEY });
      // And each chat that is in view: its own page, parents in the sidebar, sub-agents in their cards.
      void queryClient.invalidateQueries({ queryKey: CHAT_KEY });
      // A change of what the person may do closes the line, too.
      if (cameBack) void queryClient.invalidateQueries({ queryKey: rightsQuery.queryKey });
      cameBack = true;
    });
    mine.addEventListener("message", function received({ data }) {
      if (socket !== mine) return;
      lastHeard = Date.now();
      if (typeof data !== "string" || data === "pong") return;
      const event = parseEvent(data);
      if (event === null) return;
      // Its close may be told to the page seconds later.
      if (event.kind === "ended") return lost(mine, SIGNED_OUT, event.reason);
      tellChats(queryClient, event);
      refreshLimitAfter(queryClient, event.chat);
    });
    mine.addEventListener("close", ({ code, reason }) => lost(mine, code, reason));
  }

  function lost(mine: WebSocket, code: number, reason: string): void {
    if (code === SIGNED_OUT && reason !== "" && (socket === mine || signedOut() !== null)) noteSignedOut(reason);
    if (socket !== mine) return;
    socket = null;
    failures += 1;
    onConnected(false);
    // Told so, or refused again and again: the session has ended, perhaps. The answer to that leads to sign-in.
    if (code === SIGNED_OUT || failures === 3) void queryClient.invalidateQueries({ queryKey: meQuery.queryKey });
    retryLater();
  }

  function retryLater(): void {
    if (ended) return;
    const ceiling = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** failures);
    retryTimer = setTimeout(connect, ceiling * (0.5 + Math.random() / 2));
  }

  function drop(): void {
    const mine = socket;
    socket = null;
    mine?.close();
  }

  function wake(): void {
    if (document.visibilityState !== "visible") return;
    if (socket === null) connect();
    else if (Date.now() - lastHeard > SILENCE_MS) {
      drop();
      connect();
    }
  }

  const pinger = setInterval(function ping() {
    if (socket?.readyState !== WebSocket.OPEN) return;
    if (Date.now() - lastHeard <= SILENCE_MS) return socket.send("ping");
    drop();
    connect();
  }, PING_EVERY_MS);

  window.addEventListener("online", wake);
  document.addEventListener("visibilitychange", wake);
  connect();

  return function end() {
    ended = true;
    clearTimeout(retryTimer);
    clearInterval(pinger);
    window.removeEventListener("online", wake);
    document.removeEventListener("visibilitychange", wake);
    // Another request was refused first: the server is about to close the line, and says why.
    if (signedOut() !== null) socket = null;
    else drop();
  };
}

const watchFrame = z.union([watchEvent, watchEnded]);

/** A frame of a newer server that this page does not know is left alone. */
function parseEvent(text: string): WatchEvent | WatchEnded | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = watchFrame.safeParse(value);
  return parsed.success ? parsed.data : null;
}
