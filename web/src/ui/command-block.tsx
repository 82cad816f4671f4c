import type { ReactNode } from "react";
import { CopyButton } from "./copy-button.tsx";

/** Something to be copied and used elsewhere: shell lines, a key. */
export function CommandBlock({ text, label }: { text: string; label: string }): ReactNode {
  return (
    <div className="overflow-hidden rounded-md border border-line bg-surface">
      <pre
        tabIndex={0}
        aria-label={label}
        className="max-h-56 overflow-auto px-3 py-2.5 font-mono text-sm break-all whitespace-pre-wrap text-ink"
      >
        {text}
      </pre>
      <div className="flex justify-end border-t border-line px-2 py-1.5">
        <CopyButton text={text} label={label} worded />
      </div>
    </div>
  );
}
