import { ChevronDown, ChevronRight, FileCode, Folder } from "lucide-react";
import type { ReactNode } from "react";
import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { cx } from "../ui/cx.ts";
import { ChangedLines } from "./changed-lines.tsx";
import { splitDiff, type ChangedFile } from "./changed-files.ts";
import { FileSection, type DiffLayout } from "./file-section.tsx";
import { fileTree, filesInOrder, type TreeNode } from "./file-tree.ts";
import type { LineComments } from "./use-line-comments.ts";

/** So many changed lines are open from the start: what is beyond waits for a press, and the page stays quick. */
const OPEN_LINES = 2_000;
/** From so many files on there is a field to find one in. */
const FILTER_FROM = 8;

interface DiffFilesProps {
  diff: string;
  truncated?: boolean;
  layout: DiffLayout;
  comments: LineComments | null;
  /** A file to lead to; a new object leads there again. */
  target: { path: string } | null;
  /** Room for the list of files beside the diff, not above it. */
  wide: boolean;
}

/** The files of a diff: the list of them, and each with its lines. Drawn anew for none of what goes on around it. */
export const DiffFiles = memo(function DiffFiles({
  diff,
  truncated = false,
  layout,
  comments,
  target,
  wide,
}: DiffFilesProps): ReactNode {
  const files = useMemo(() => splitDiff(diff), [diff]);
  const tree = useMemo(() => fileTree(files), [files]);
  const inOrder = useMemo(() => filesInOrder(tree), [tree]);
  const openFirst = useMemo(() => openAtFirst(inOrder), [inOrder]);
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [listOpen, setListOpen] = useState(wide);
  const [filter, setFilter] = useState("");
  const body = useRef<HTMLDivElement>(null);
  const setOpen = useCallback(
    (path: string, open: boolean) => setChosen((before) => new Map(before).set(path, open)),
    [],
  );

  const jump = useCallback(
    (path: string) => {
      setOpen(path, true);
      // Once it is drawn open.
      requestAnimationFrame(() => {
        const place = [...(body.current?.children ?? [])].find((each) => each.getAttribute("data-path") === path);
        place?.scrollIntoView({ block: "start" });
      });
    },
    [setOpen],
  );
  useEffect(() => {
    if (target !== null) jump(target.path);
  }, [target, jump]);

  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  const words = filter.trim().toLowerCase();
  const listed = words === "" ? tree : fileTree(files.filter((file) => file.path.toLowerCase().includes(words)));
  const list = (
    <div className="flex flex-col gap-1 p-2">
      {files.length >= FILTER_FROM && (
        <input
          type="search"
          aria-label="Find a file"
          placeholder="Find a file"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
          className="h-8 w-full rounded-md border border-edge bg-overlay px-2.5 text-sm"
        />
      )}
      <ul aria-label="Changed files" className="flex flex-col">
        {listed.map((node) => (
          <TreeRow key={keyOf(node)} node={node} depth={0} onJump={jump} />
        ))}
      </ul>
      {listed.length === 0 && <p className="px-2 py-1 text-sm text-muted">No file is called like that.</p>}
    </div>
  );

  return (
    <div className={cx("flex min-h-0 flex-1", wide ? "flex-row" : "flex-col")}>
      {wide ? (
        <nav aria-label="Files" className="w-56 shrink-0 overflow-y-auto border-r border-line">
          {list}
        </nav>
      ) : files.length === 1 ? null : (
        <div className="shrink-0 border-b border-line">
          <button
            type="button"
            aria-expanded={listOpen}
            onClick={() => setListOpen(!listOpen)}
            className="flex h-9 w-full items-center gap-2 px-3 text-sm text-muted hover:text-ink focus-visible:outline-offset-[-2px]"
          >
            {listOpen ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}
            <span className="flex-1 text-left">{files.length} files</span>
            <ChangedLines additions={additions} deletions={deletions} />
          </button>
          {listOpen && <nav className="max-h-60 overflow-y-auto border-t border-line">{list}</nav>}
        </div>
      )}
      <div ref={body} tabIndex={-1} className="min-h-0 min-w-0 flex-1 overflow-y-auto" data-testid="diff-files">
        {inOrder.map((file) => (
          <div key={file.path} data-path={file.path} className="overflow-x-auto">
            <FileSection
              file={file}
              layout={layout}
              comments={comments}
              open={chosen.get(file.path) ?? openFirst.has(file.path)}
              onOpen={setOpen}
            />
          </div>
        ))}
        {truncated && <p className="px-4 py-3 text-sm text-warning">The diff goes on; this is its beginning.</p>}
      </div>
    </div>
  );
});

function openAtFirst(files: readonly ChangedFile[]): Set<string> {
  const open = new Set<string>();
  let lines = 0;
  for (const file of files) {
    lines += file.additions + file.deletions;
    if (lines > OPEN_LINES && open.size > 0) break;
    open.add(file.path);
  }
  return open;
}

interface TreeRowProps {
  node: TreeNode<ChangedFile>;
  depth: number;
  onJump: (path: string) => void;
}

const keyOf = (node: TreeNode<ChangedFile>): string => (node.kind === "file" ? node.file.path : `${node.path}/`);

function TreeRow({ node, depth, onJump }: TreeRowProps): ReactNode {
  const [open, setOpen] = useState(true);
  const indent = { paddingLeft: `${0.5 + depth * 0.75}rem` };
  const look =
    "flex min-h-7 w-full items-center gap-1.5 rounded-md pr-2 text-left text-sm hover:bg-raised focus-visible:outline-offset-[-2px]";
  if (node.kind === "file") {
    const { file } = node;
    return (
      <li>
        <button type="button" style={indent} className={look} title={file.path} onClick={() => onJump(file.path)}>
          <FileCode size={14} aria-hidden className="shrink-0 text-faint" />
          <bdi className={cx("min-w-0 flex-1 truncate", file.change === "deleted" && "line-through")}>{node.name}</bdi>
          {!file.binary && <ChangedLines additions={file.additions} deletions={file.deletions} />}
        </button>
      </li>
    );
  }
  return (
    <li>
      <button
        type="button"
        aria-expanded={open}
        style={indent}
        className={cx(look, "text-muted")}
        title={node.path}
        onClick={() => setOpen(!open)}
      >
        <Folder size={14} aria-hidden className="shrink-0 text-faint" />
        <bdi className="min-w-0 truncate">{node.name}</bdi>
      </button>
      {open && (
        <ul>
          {node.children.map((child) => (
            <TreeRow key={keyOf(child)} node={child} depth={depth + 1} onJump={onJump} />
          ))}
        </ul>
      )}
    </li>
  );
}
