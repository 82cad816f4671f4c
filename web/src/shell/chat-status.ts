import type { ChatStatus } from "../../../src/contract/chats.ts";

/** What a chat is doing, in words. */
export function statusWords(status: ChatStatus): string {
  switch (status) {
    case "pending":
      return "Starting";
    case "running":
      return "Working";
    case "interrupting":
      return "Stopping";
    case "requires_action":
      return "Waiting for you";
    case "error":
      return "Failed";
    case "waiting":
    case "paused":
    case "completed":
      return "Idle";
  }
}

export function isBusy(status: ChatStatus): boolean {
  return status === "pending" || status === "running" || status === "interrupting";
}
