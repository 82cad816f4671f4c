import type { ReactNode } from "react";

/** "+12 −3", which is read as words. */
export function ChangedLines({ additions, deletions }: { additions: number; deletions: number }): ReactNode {
  return (
    <span className="shrink-0 font-mono text-xs tabular-nums">
      <span aria-hidden>
        <span className="text-git-open">+{additions.toLocaleString("en")}</span>{" "}
        <span className="text-git-closed">−{deletions.toLocaleString("en")}</span>
      </span>
      <span className="sr-only">
        {additions.toLocaleString("en")} lines added, {deletions.toLocaleString("en")} removed.
      </span>
    </span>
  );
}
