import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Columns2, RotateCw, Rows2, X } from "lucide-react";
import { Dialog } from "radix-ui";
import type { KeyboardEvent, PointerEvent, ReactNode } from "react";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Chat } from "../../../src/contract/chats.ts";
import type { LocalRepository } from "../../../src/contract/git.ts";
import { chatDiffQuery, chatPullRequestsQuery, localChangesQuery } from "../api/git-queries.ts";
import { remember, remembered } from "../shell/remembered.ts";
import { useNarrow } from "../shell/sidebar-state.ts";
import { IconButton } from "../ui/button.tsx";
import { cx } from "../ui/cx.ts";
import { Select } from "../ui/select.tsx";
import { EmptyState, ErrorState, Skeleton } from "../ui/states.tsx";
import { DiffFiles } from "./diff-files.tsx";
import type { DiffLayout } from "./file-section.tsx";
import type { LineComments } from "./use-line-comments.ts";
import { PANEL_WIDTH_MIN, type ChangesPanelState } from "./use-panel.ts";

/** From here on two columns of code can be read, and the list of files stands beside them. */
const SPLIT_FROM = 760;

const shelves = ["pull-request", "workspace"] as const;
type Shelf = (typeof shelves)[number];
const shelfWords: Record<Shelf, string> = { "pull-request": "Pull request", workspace: "Workspace" };

interface ChangesPanelProps {
  chat: Chat;
  /** The agent is at work: what it changes is read anew when it is done. */
  working: boolean;
  panel: ChangesPanelState;
  comments: LineComments | null;
  target: { path: string } | null;
}

/** What the chat's work changed: beside the conversation, or over it where there is no room. */
export function ChangesPanel(props: ChangesPanelProps): ReactNode {
  const { panel } = props;
  const narrow = useNarrow();
  if (!panel.open) return null;
  if (!narrow) {
    return (
      <aside
        aria-label="Changes"
        data-testid="changes-panel"
        style={{ width: panel.width }}
        className="relative flex h-full shrink-0 flex-col border-l border-line bg-page"
      >
        <WidthHandle panel={panel} />
        <Changes {...props} width={panel.width} />
      </aside>
    );
  }
  return (
    <Dialog.Root open onOpenChange={(open) => !open && panel.hide()}>
      <Dialog.Portal>
        <Dialog.Content
          aria-describedby={undefined}
          data-testid="changes-panel"
          className="fixed inset-0 z-40 flex flex-col bg-page pb-[env(safe-area-inset-bottom)]"
        >
          <Dialog.Title className="sr-only">Changes</Dialog.Title>
          <Changes {...props} width={window.innerWidth} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Changes({ chat, working, panel, comments, target, width }: ChangesPanelProps & { width: number }): ReactNode {
  const [shelf, setShelf] = useState<Shelf>(chat.diff_status?.url === undefined ? "workspace" : "pull-request");
  const [wanted, setWanted] = useState<DiffLayout>(() =>
    remembered("changes.layout") === "split" ? "split" : "unified",
  );
  const wide = width >= SPLIT_FROM;
  const layout = wide ? wanted : "unified";
  const { refresh, refreshing } = useRefresh(chat, working);
  const shown = { layout, comments, target, wide };

  return (
    <>
      <div className="flex h-12 shrink-0 items-center gap-1 border-b border-line px-2">
        <div role="tablist" aria-label="Which changes" className="flex min-w-0 flex-1 gap-1" onKeyDown={walkTabs}>
          {shelves.map((each) => (
            <button
              key={each}
              type="button"
              role="tab"
              id={`changes-tab-${each}`}
              aria-selected={shelf === each}
              aria-controls="changes-shown"
              tabIndex={shelf === each ? 0 : -1}
              onClick={() => setShelf(each)}
              className="h-8 truncate rounded-md px-2.5 text-sm font-medium text-muted hover:text-ink aria-selected:bg-raised aria-selected:text-ink"
            >
              {shelfWords[each]}
            </button>
          ))}
        </div>
        {wide && (
          <IconButton
            label={layout === "split" ? "Show in one column" : "Show side by side"}
            onClick={() => {
              const next = layout === "split" ? "unified" : "split";
              setWanted(next);
              remember("changes.layout", next);
            }}
          >
            {layout === "split" ? <Rows2 size={16} aria-hidden /> : <Columns2 size={16} aria-hidden />}
          </IconButton>
        )}
        <IconButton label="Look again" onClick={refresh} disabled={refreshing}>
          <RotateCw size={16} aria-hidden className={cx(refreshing && "animate-breathe")} />
        </IconButton>
        <IconButton label="Close changes" shortcut="]" onClick={panel.hide}>
          <X size={16} aria-hidden />
        </IconButton>
      </div>
      <div
        role="tabpanel"
        id="changes-shown"
        aria-labelledby={`changes-tab-${shelf}`}
        className="flex min-h-0 flex-1 flex-col"
      >
        {shelf === "pull-request" ? (
          <PullRequestDiff chatId={chat.id} {...shown} />
        ) : (
          <WorkspaceDiff chatId={chat.id} {...shown} />
        )}
      </div>
    </>
  );
}

/** Looks again when asked, when the pull request has changed, and when the agent has come to an end. */
function useRefresh(chat: Chat, working: boolean): { refresh: () => void; refreshing: boolean } {
  const queryClient = useQueryClient();
  const diff = useQuery({ ...chatDiffQuery(chat.id), enabled: false });
  const local = useQuery({ ...localChangesQuery(chat.id), enabled: false });
  const git = chat.diff_status;
  // What of the status says that there is another diff: not that somebody approved it.
  const mark = [git?.url, git?.head_branch, git?.commits, git?.additions, git?.deletions, git?.changed_files].join(" ");
  const seen = useRef({ mark, working });

  const refresh = useCallback(() => {
    for (const query of [chatDiffQuery(chat.id), localChangesQuery(chat.id), chatPullRequestsQuery(chat.id)]) {
      void queryClient.invalidateQueries({ queryKey: query.queryKey });
    }
  }, [queryClient, chat.id]);
  useEffect(() => {
    const ended = seen.current.working && !working;
    const moved = seen.current.mark !== mark;
    seen.current = { mark, working };
    if (ended || moved) refresh();
  }, [mark, working, refresh]);

  return { refresh, refreshing: diff.isFetching || local.isFetching };
}

interface ShownProps {
  chatId: string;
  layout: DiffLayout;
  comments: LineComments | null;
  target: { path: string } | null;
  wide: boolean;
}

function PullRequestDiff({ chatId, ...shown }: ShownProps): ReactNode {
  const { data, error, refetch } = useQuery(chatDiffQuery(chatId));
  if (error !== null) return <Failed error={error} doing="ask for the diff" onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  if (data.diff !== undefined && data.diff !== "") return <DiffFiles diff={data.diff} {...shown} />;
  if (data.unavailable_reason !== undefined) {
    return (
      <Padded>
        <EmptyState title="The diff is not to be had" action={<ConnectLink />}>
          {data.unavailable_reason}
        </EmptyState>
      </Padded>
    );
  }
  if (data.branch === undefined) {
    return (
      <Padded>
        <EmptyState title="No branch yet">
          When the agent works on a branch of a repository with a remote, the branch and its pull request show up here.
        </EmptyState>
      </Padded>
    );
  }
  return (
    <Padded>
      <EmptyState title="Nothing differs">
        <bdi className="font-mono text-sm">{data.branch}</bdi> is the same as what it would be merged into.
      </EmptyState>
    </Padded>
  );
}

function ConnectLink(): ReactNode {
  return (
    <Link to="/settings/external-auth" className="text-accent underline underline-offset-3">
      Connected accounts
    </Link>
  );
}

const stateWords = {
  away: ["The workspace is away", "Its agent is not connected. What it changed shows up here when it is back."],
  none: ["No workspace", "This chat works in no workspace, so there is nothing that it could have changed."],
} as const;

function WorkspaceDiff({ chatId, ...shown }: ShownProps): ReactNode {
  const { data, error, refetch } = useQuery(localChangesQuery(chatId));
  const [path, setPath] = useState<string | null>(null);
  if (error !== null) return <Failed error={error} doing="ask the workspace" onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  if (data.state !== "ready") {
    const [title, words] = stateWords[data.state];
    return (
      <Padded>
        <EmptyState title={title}>{words}</EmptyState>
      </Padded>
    );
  }
  const { repositories } = data;
  const repository = repositories.find((each) => each.path === path) ?? repositories[0];
  if (repository === undefined) {
    return (
      <Padded>
        <EmptyState title="No repository">The agent has not worked in a git repository yet.</EmptyState>
      </Padded>
    );
  }
  return (
    <>
      <div className="flex min-h-10 shrink-0 items-center gap-2 border-b border-line px-3 py-1 text-sm text-muted">
        {repositories.length > 1 ? (
          <span className="w-full max-w-80">
            <Select
              aria-label="Repository"
              value={repository.path}
              onValueChange={setPath}
              options={repositories.map((each) => ({ value: each.path, label: nameOf(each) }))}
            />
          </span>
        ) : (
          <bdi className="min-w-0 truncate" title={repository.path}>
            {nameOf(repository)}
          </bdi>
        )}
        <bdi className="min-w-0 truncate font-mono text-xs">{repository.branch}</bdi>
      </div>
      {repository.diff === "" ? (
        <Padded>
          <EmptyState title="Everything is committed">
            Nothing in the working tree differs from its last commit.
          </EmptyState>
        </Padded>
      ) : (
        <DiffFiles key={repository.path} diff={repository.diff} truncated={repository.truncated} {...shown} />
      )}
    </>
  );
}

function nameOf({ path }: LocalRepository): string {
  return path.slice(path.lastIndexOf("/") + 1) || path;
}

function Padded({ children }: { children: ReactNode }): ReactNode {
  return <div className="overflow-y-auto p-4">{children}</div>;
}

function Failed(props: { error: unknown; doing: string; onRetry: () => void }): ReactNode {
  return (
    <Padded>
      <ErrorState {...props} />
    </Padded>
  );
}

function Loading(): ReactNode {
  return (
    <div aria-busy className="flex flex-col gap-3 p-4">
      <span className="sr-only">Loading</span>
      {[40, 72, 56, 64].map((width) => (
        <Skeleton key={width} className={cx("h-4", widths[width])} />
      ))}
      <Skeleton className="h-40" />
    </div>
  );
}
const widths: Record<number, string> = { 40: "w-2/5", 56: "w-1/2", 64: "w-3/5", 72: "w-3/4" };

function walkTabs(event: KeyboardEvent<HTMLDivElement>): void {
  if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
  const tabs = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=tab]")];
  const at = tabs.findIndex((tab) => tab === document.activeElement);
  const next = tabs[(at + (event.key === "ArrowRight" ? 1 : tabs.length - 1)) % tabs.length];
  event.preventDefault();
  next?.focus();
  next?.click();
}

const STEP = 32;

/** The edge that is drawn, by pointer and by arrow keys. */
function WidthHandle({ panel }: { panel: ChangesPanelState }): ReactNode {
  function drag(event: PointerEvent<HTMLDivElement>): void {
    const from = event.clientX;
    const width = panel.width;
    const handle = event.currentTarget;
    handle.setPointerCapture(event.pointerId);
    const move = (moved: globalThis.PointerEvent): void => panel.setWidth(width + from - moved.clientX);
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", move), {
      once: true,
    });
  }
  function step(event: KeyboardEvent): void {
    const by = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    panel.setWidth(panel.width + by);
  }
  return (
    <div
      role="separator"
      tabIndex={0}
      aria-label="Width of the changes"
      aria-orientation="vertical"
      aria-valuenow={panel.width}
      aria-valuemin={PANEL_WIDTH_MIN}
      aria-valuemax={panel.widest}
      onPointerDown={drag}
      onKeyDown={step}
      className="absolute inset-y-0 -left-1 z-10 w-2 cursor-col-resize touch-none hover:bg-accent/30 focus-visible:bg-accent/40"
    />
  );
}
