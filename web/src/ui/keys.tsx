import type { ReactNode } from "react";
import { cx } from "./cx.ts";

const isApple = /mac|iphone|ipad/i.test(navigator.userAgent);

/** "mod+k" as the keys of this machine: ⌘K, or Ctrl K. */
export function Keys({ keys, inverted = false }: { keys: string; inverted?: boolean }): ReactNode {
  const caps = keys.split("+").map(function keyName(key) {
    if (key === "mod") return isApple ? "⌘" : "Ctrl";
    if (key === "shift") return isApple ? "⇧" : "Shift";
    if (key === "enter") return "↵";
    return key.length === 1 ? key.toUpperCase() : key;
  });
  return (
    <span className="inline-flex gap-0.5">
      {caps.map((cap) => (
        <kbd
          key={cap}
          className={cx(
            "min-w-5 rounded-sm border px-1 text-center font-sans text-xs",
            inverted ? "border-faint text-page" : "border-line-strong bg-surface text-muted",
          )}
        >
          {cap}
        </kbd>
      ))}
    </span>
  );
}
