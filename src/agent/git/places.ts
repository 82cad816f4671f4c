const CHATS_KEPT = 200;
const FOLDERS_KEPT = 5; // As many repositories as one answer has room for.

/** Where the work of each chat is: the top folders of the repositories that its calls touched, the newest first. */
export class Places {
  readonly #folders = new Map<string, string[]>();

  of(chatId: string): readonly string[] {
    return this.#folders.get(chatId) ?? [];
  }

  add(chatId: string, folder: string): void {
    const others = this.of(chatId).filter((other) => other !== folder);
    // Set anew, so that the map's first entry is the chat that was heard of longest ago.
    this.#folders.delete(chatId);
    this.#folders.set(chatId, [folder, ...others].slice(0, FOLDERS_KEPT));
    const [oldest] = this.#folders.keys();
    if (this.#folders.size > CHATS_KEPT && oldest !== undefined) this.#folders.delete(oldest);
  }

  forget(chatId: string, folder: string): void {
    const others = this.of(chatId).filter((other) => other !== folder);
    this.#folders.set(chatId, others);
  }
}

/** `<chat id>/<message id>/<index>`: the chat of a call. */
export function chatOfCall(callId: string): string {
  return callId.split("/", 1)[0] ?? callId;
}
