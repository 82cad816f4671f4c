import { useEffect, useState } from "react";

/** Between two keys of somebody who types on: nothing is asked for half a word. */
const PAUSE_MS = 250;

/** The value as it was when it last stood still. */
export function useDebounced<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
