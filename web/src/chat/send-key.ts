type Key = Pick<KeyboardEvent, "key" | "shiftKey" | "altKey" | "isComposing" | "keyCode">;

/**
 * Enter sends; with Shift or Alt it breaks the line. While an input method composes, Enter picks a
 * word: browsers say so by `isComposing`, Safari's last key of a composition only by the old code 229.
 */
export function isSendKey(key: Key): boolean {
  return key.key === "Enter" && !key.shiftKey && !key.altKey && !key.isComposing && key.keyCode !== 229;
}
