import { useEffect, useRef, useState } from "react";
import { remember, remembered } from "./storage.ts";

/** A megabyte of paste is not written to storage at every key. */
const WRITE_AFTER_MS = 250;

/** The unsent text of one place, kept across reloads. Mount anew (by key) for another place. */
export function useDraft(place: string): [string, (text: string) => void] {
  const name = `draft.${place}`;
  const [text, setText] = useState(() => remembered(name) ?? "");
  const unwritten = useRef<{ text: string; timer: ReturnType<typeof setTimeout> } | null>(null);

  useEffect(() => {
    function write(): void {
      const waiting = unwritten.current;
      if (waiting === null) return;
      clearTimeout(waiting.timer);
      unwritten.current = null;
      remember(name, waiting.text);
    }
    window.addEventListener("pagehide", write);
    return () => {
      window.removeEventListener("pagehide", write);
      write();
    };
  }, [name]);

  function change(next: string): void {
    setText(next);
    if (unwritten.current !== null) clearTimeout(unwritten.current.timer);
    const timer = setTimeout(() => {
      unwritten.current = null;
      remember(name, next);
    }, WRITE_AFTER_MS);
    unwritten.current = { text: next, timer };
    // What was sent must not come back as a draft, even if the page closes this instant.
    if (next === "") {
      clearTimeout(timer);
      unwritten.current = null;
      remember(name, null);
    }
  }

  return [text, change];
}
