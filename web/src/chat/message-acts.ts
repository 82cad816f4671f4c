import { createContext, useContext } from "react";
import type { ChatMessage } from "../../../src/contract/chats.ts";

/** What a person may do to a message where it stands. */
export interface MessageActs {
  /** The message that is open in the composer. */
  readonly editing: number | null;
  mayEdit(message: ChatMessage): boolean;
  edit(message: ChatMessage): void;
}

/** Messages that can only be read, as in a sub-agent's card. */
export const readOnly: MessageActs = { editing: null, mayEdit: () => false, edit: () => undefined };

export const MessageActsContext = createContext<MessageActs>(readOnly);

export function useMessageActs(): MessageActs {
  return useContext(MessageActsContext);
}
