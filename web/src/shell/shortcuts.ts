import { useEffect } from "react";

export interface Shortcut {
  keys: string;
  does: string;
}

/** What `?` lists. Plain letters work outside of text fields only, so that no browser key is taken. */
export const shortcutGroups: readonly { title: string; shortcuts: readonly Shortcut[] }[] = [
  {
    title: "Everywhere",
    shortcuts: [
      { keys: "mod+k", does: "Find a chat, page or action" },
      { keys: "c", does: "New chat" },
      { keys: "[", does: "Show or hide the sidebar" },
      { keys: "?", does: "List the shortcuts" },
    ],
  },
  {
    title: "In a chat",
    shortcuts: [
      { keys: "enter", does: "Send" },
      { keys: "shift+enter", does: "New line" },
      { keys: "]", does: "Show or hide the changes" },
      { keys: "Esc", does: "Stop the agent" },
    ],
  },
];

interface ShortcutActions {
  palette: () => void;
  newChat: () => void;
  sidebar: () => void;
  list: () => void;
}

export function useShortcuts(actions: ShortcutActions): void {
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.defaultPrevented || event.isComposing) return;
      if ((event.metaKey || event.ctrlKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        return actions.palette();
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      // A dialog keeps the keys to itself.
      if (document.querySelector('[role="dialog"][data-state="open"]') !== null) return;
      const act = { c: actions.newChat, "[": actions.sidebar, "?": actions.list }[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });
}

/** Whether a plain letter belongs to a field there, or to a menu that finds its items by it. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest("input, textarea, select, [role=menu], [role=listbox]") !== null;
}
