import { createHmac } from "node:crypto";
import { sameText } from "../platform/sealing.ts";

/** The call that a reply address is good for. */
export interface AddressedCall {
  workspaceId: string;
  callId: string;
}

/**
 * The `reply_to` of a call: the id of its chat, and a proof that this deployment sent this call into this
 * workspace. An agent echoes it, so that the relay remembers nothing; without it an agent could report
 * results of calls that it was never given, to chats of other people.
 */
export function replyAddress(chatId: string, call: AddressedCall, secretKey: string): string {
  return `${chatId}.${proof(chatId, call, secretKey)}`;
}

/** The chat that an echoed `reply_to` leads to; null when nobody gave it to this workspace for this call. */
export function chatOfReply(replyTo: string, call: AddressedCall, secretKey: string): string | null {
  const [chatId = "", given = ""] = replyTo.split(".");
  return sameText(given, proof(chatId, call, secretKey)) ? chatId : null;
}

function proof(chatId: string, { workspaceId, callId }: AddressedCall, secretKey: string): string {
  // The first line keeps this use of the key apart from every other one.
  const text = ["tideline reply address v1", workspaceId, chatId, callId].join("\n");
  return createHmac("sha256", secretKey).update(text).digest("base64url");
}
