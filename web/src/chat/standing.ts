import type { Chat } from "../../../src/contract/chats.ts";

/** What the page offers somebody in a chat; the server decides. */
export interface Standing {
  /** All of it is theirs: rename, archive, summarise, share, and what anybody wrote or queued. */
  readonly owns: boolean;
  /** They may send, stop a turn, and change what they wrote themselves. */
  readonly maySend: boolean;
}

/** Whom only a role lets in reads: writing as an administrator into somebody's chat is for the API. */
const standings: Record<NonNullable<Chat["your_role"]>, Standing> = {
  owner: { owns: true, maySend: true },
  collaborator: { owns: false, maySend: true },
  viewer: { owns: false, maySend: false },
  site: { owns: false, maySend: false },
};

/** Of one's own chats all is offered at once; of a chat that is not there yet, too, since most are one's own. */
export function standingIn(chat: Chat | undefined): Standing {
  return standings[chat?.your_role ?? "owner"];
}
