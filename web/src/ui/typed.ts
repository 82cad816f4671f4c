import { useEffect, useState } from "react";
import { useDebounced } from "./debounced.ts";

/**
 * The text of a field whose settled words stand in the address. What is typed is told once it stands still; an
 * address that changes by itself, as the browser's back button makes it, takes the place of what was typed.
 */
export function useTyped(
  inAddress: string | undefined,
  onSettled: (words: string | undefined) => void,
): [string, (text: string) => void] {
  const [typed, setTyped] = useState(inAddress ?? "");
  const [seen, setSeen] = useState(inAddress);
  /** What was told last: its coming back in the address must not undo what was typed since. */
  const [told, setTold] = useState(inAddress);
  const settled = useDebounced(typed);

  if (inAddress !== seen) {
    setSeen(inAddress);
    if (inAddress !== told) {
      setTold(inAddress);
      setTyped(inAddress ?? "");
    }
  }

  useEffect(() => {
    const words = settled.trim() === "" ? undefined : settled.trim();
    // What is not typed any more, since the address took its place, is not told either.
    if (settled !== typed || words === told) return;
    setTold(words);
    onSettled(words);
  }, [settled, typed, told, onSettled]);

  return [typed, setTyped];
}
