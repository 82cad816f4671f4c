import type { ReactNode } from "react";
import { memo } from "react";
import { CopyButton } from "../../ui/copy-button.tsx";
import { HunkHeading, SplitHunk, UnifiedHunk, useColouredDiff } from "../diff-hunks.tsx";
import { Panel } from "./panel.tsx";

interface ChangedFile {
  path: string;
  diff: string;
  additions: number;
  deletions: number;
}

/** What was changed: side by side where there is room, one below the other where there is not (chat.css). */
export function DiffView({ files }: { files: readonly ChangedFile[] }): ReactNode {
  return (
    <div className="diff-breakout flex flex-col gap-2">
      {files.map((file) => (
        <FileDiff key={file.path} file={file} />
      ))}
    </div>
  );
}

const FileDiff = memo(function FileDiff({ file }: { file: ChangedFile }): ReactNode {
  const { hunks, colours } = useColouredDiff(file.diff, file.path);
  return (
    <Panel
      label={`Changes in ${file.path}`}
      head={
        <div className="flex h-8 items-center gap-2 border-b border-line pr-1 pl-3 text-xs">
          <span className="min-w-0 truncate font-mono text-muted" title={file.path}>
            {file.path}
          </span>
          <span className="tabular shrink-0 text-success">+{file.additions}</span>
          <span className="tabular shrink-0 text-danger">−{file.deletions}</span>
          <span className="flex-1" />
          <CopyButton text={file.diff} label="Copy diff" className="size-6 text-faint" />
        </div>
      }
    >
      {hunks.length === 0 && <p className="px-3 py-2 text-sm text-muted">No lines changed.</p>}
      {hunks.map((hunk, index) => (
        <div key={index} className="border-t border-line first:border-t-0">
          <HunkHeading hunk={hunk} />
          <UnifiedHunk hunk={hunk} colours={colours} className="diff-unified" />
          <SplitHunk hunk={hunk} colours={colours} className="diff-split" />
        </div>
      ))}
    </Panel>
  );
});
