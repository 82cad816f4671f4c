import { log } from "./log.ts";

/** Codes that only tell how a connection ended; nobody may send them (RFC 6455, 7.4.1). */
const NEVER_SENT: readonly number[] = [1004, 1005, 1006, 1015];

/**
 * Answers the close frame of the other side with its own code. For `webSocketClose` of a Durable Object:
 * the platform answers by itself only for sockets that don't hibernate, and without an answer the other
 * side waits (`ws` for 30 s) and then takes the connection for lost (1006). Harmless on a closed socket.
 */
export function answerClose(socket: WebSocket, code: number, reason: string): void {
  if (NEVER_SENT.includes(code)) socket.close(1000);
  else socket.close(code, reason);
}

/** Says why in a last frame, and closes: a page may be told of a close late, and of its reason never. */
export function closeSaying(
  socket: Pick<WebSocket, "send" | "close">,
  frame: object,
  code: number,
  reason: string,
): void {
  try {
    socket.send(JSON.stringify(frame));
  } catch (error) {
    log.info("socket.gone", { error });
  }
  socket.close(code, reason);
}
