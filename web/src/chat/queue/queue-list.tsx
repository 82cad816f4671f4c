import { GripVertical, PenLine, SendHorizontal, Trash2 } from "lucide-react";
import type { KeyboardEvent, ReactNode } from "react";
import { useId, useLayoutEffect, useRef, useState } from "react";
import type { QueuedMessage } from "../../../../src/contract/chats.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { cx } from "../../ui/cx.ts";
import { counted } from "../../shell/names.ts";
import { filesOf, gist } from "../content.ts";
import { useAuthor } from "../people.ts";
import { useModels } from "../pickers.tsx";
import { beforeAt } from "./queue-order.ts";
import type { Queue } from "./use-queue.ts";
import { useRowDrag } from "./use-row-drag.ts";

interface QueueListProps {
  queue: Queue;
  /** The model that a message without its own would get. */
  chatModelId: string | null;
  /** The entry that is open in the composer. */
  editing: number | null;
  /** The turn before failed: the queue waits for a person. */
  held: boolean;
  /** False for what somebody else wrote, where that is not the reader's to change. */
  mayChange: (entry: QueuedMessage) => boolean;
  onEdit: (entry: QueuedMessage) => void;
}

/** What is sent next, in this order, above the composer. */
export function QueueList({ queue, chatModelId, editing, held, mayChange, onEdit }: QueueListProps): ReactNode {
  const headingId = useId();
  const list = useRef<HTMLOListElement>(null);
  const refocus = useRef<number | null>(null);
  const [moved, setMoved] = useState("");
  const ids = queue.entries.map((entry) => entry.id);

  function moveTo(entry: QueuedMessage, to: number): void {
    const before = beforeAt(ids, ids.indexOf(entry.id), to);
    if (before === undefined) return;
    queue.move(entry, before);
    setMoved(`Place ${to + 1} of ${ids.length}`);
  }
  const drag = useRowDrag(list, ids, (id, to) => {
    const entry = queue.entries.find((each) => each.id === id);
    if (entry !== undefined) moveTo(entry, to);
  });

  // A row that is moved in the document loses the focus on its way.
  useLayoutEffect(() => {
    if (refocus.current === null) return;
    list.current?.querySelector<HTMLElement>(`[data-grip="${refocus.current}"]`)?.focus();
    refocus.current = null;
  }, [queue.entries]);

  const [first] = queue.entries;
  if (first === undefined) return null;
  return (
    <section aria-labelledby={headingId} data-testid="queue" className="mt-1 mb-2">
      <div className="flex items-baseline justify-between gap-3 pb-0.5 text-xs">
        <h2 id={headingId} className="font-medium text-muted">
          {held
            ? "Waiting: the last turn failed. The next message that you send starts the first one."
            : `Next: ${counted(queue.entries.length, "message")}`}
        </h2>
        {!held && editing === null && mayChange(first) && (
          <span className="hidden text-faint sm:inline">Enter without text sends the first one now</span>
        )}
      </div>
      <ol ref={list} className="-mx-2 flex max-h-44 flex-col overflow-y-auto sm:max-h-56">
        {queue.entries.map((entry, index) => (
          <QueueRow
            key={entry.id}
            entry={entry}
            chatModelId={chatModelId}
            editing={editing === entry.id}
            promoted={queue.promoted === entry.id}
            alone={ids.length === 1}
            mayChange={mayChange(entry)}
            drag={drag.styleOf(entry.id)}
            grip={{
              onPointerDown: (event) => drag.begin(entry.id, event),
              onKeyDown: (event) => {
                const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
                if (step === 0) return;
                event.preventDefault();
                refocus.current = entry.id;
                moveTo(entry, index + step);
              },
            }}
            onPromote={() => queue.promote(entry)}
            onEdit={() => onEdit(entry)}
            onRemove={() => queue.remove(entry)}
          />
        ))}
      </ol>
      <p role="status" className="sr-only">
        {moved}
      </p>
    </section>
  );
}

interface QueueRowProps {
  entry: QueuedMessage;
  chatModelId: string | null;
  editing: boolean;
  promoted: boolean;
  /** There is nothing to change places with. */
  alone: boolean;
  mayChange: boolean;
  drag: { style: React.CSSProperties; dragged: boolean };
  grip: {
    onPointerDown: (event: React.PointerEvent) => void;
    onKeyDown: (event: KeyboardEvent) => void;
  };
  onPromote: () => void;
  onEdit: () => void;
  onRemove: () => void;
}

function QueueRow(props: QueueRowProps): ReactNode {
  const { entry, editing, promoted } = props;
  const { models } = useModels();
  const author = useAuthor(entry.created_by);
  const words = gist(entry.content);
  const files = filesOf(entry.content).length;
  const ownModel =
    entry.model_config_id === null || entry.model_config_id === props.chatModelId
      ? null
      : models.find((model) => model.model_config_id === entry.model_config_id);
  return (
    <li
      data-testid="queued-message"
      style={props.drag.style}
      className={cx(
        "group/queued flex min-h-8 items-center gap-1 rounded-md px-1 text-sm hover:bg-raised focus-within:bg-raised",
        props.drag.dragged && "relative z-10 bg-raised",
        editing && "bg-accent-soft",
      )}
    >
      <button
        type="button"
        data-grip={entry.id}
        disabled={props.alone || !props.mayChange}
        aria-label={`Move “${short(words)}” with the arrow keys`}
        className="flex h-7 w-5 shrink-0 cursor-grab touch-none items-center justify-center rounded-sm text-faint hover:text-ink disabled:invisible"
        {...props.grip}
      >
        <GripVertical size={14} aria-hidden />
      </button>
      {!author.me && (
        <bdi className="max-w-32 shrink-0 truncate text-muted" title={author.name}>
          {author.name}:{" "}
        </bdi>
      )}
      <span className="min-w-0 flex-1 truncate" title={words}>
        {words}
      </span>
      <span className="tabular flex shrink-0 items-center gap-2 text-xs text-faint">
        {files > 0 && <span>{counted(files, "file")}</span>}
        {ownModel != null && <span className="max-w-32 truncate">{ownModel.display_name}</span>}
        {editing && <span className="text-accent-strong">Editing below</span>}
        {promoted && <span className="text-accent">Sending…</span>}
      </span>
      {!promoted && props.mayChange && (
        <span className="flex shrink-0 items-center text-faint [&_button]:text-faint group-hover/queued:[&_button]:text-muted [&_button:focus-visible]:text-ink [&_button:hover]:text-ink">
          <Button
            size="sm"
            variant="ghost"
            onClick={props.onPromote}
            aria-label={`Send now: ${short(words)}`}
            className="max-sm:w-7 max-sm:px-0"
          >
            <SendHorizontal size={14} aria-hidden className="sm:hidden" />
            <span className="max-sm:hidden">Send now</span>
          </Button>
          <IconButton label="Edit" side="top" aria-pressed={editing} onClick={props.onEdit}>
            <PenLine size={14} aria-hidden />
          </IconButton>
          <IconButton label="Delete" side="top" onClick={props.onRemove}>
            <Trash2 size={14} aria-hidden />
          </IconButton>
        </span>
      )}
    </li>
  );
}

function short(words: string): string {
  return words.length > 60 ? `${words.slice(0, 59)}…` : words;
}
