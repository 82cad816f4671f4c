import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useEffect } from "react";
import type { Chat, QueuedMessage } from "../../../src/contract/chats.ts";
import type { Timeline } from "../../../src/contract/timeline.ts";
import { CommentStack } from "../git/comment-stack.tsx";
import type { LineComment } from "../git/line-comments.ts";
import type { LineComments } from "../git/use-line-comments.ts";
import { useMe } from "../shell/me.ts";
import { LimitNotice } from "../usage/limit-notice.tsx";
import type { ComposerFiles } from "./attachments/use-attachments.ts";
import { sentFiles, type SentFile } from "./attachments/attachments.ts";
import { Composer } from "./composer.tsx";
import { EditBar } from "./edit-bar.tsx";
import { ModelPicker, WorkspacePicker } from "./pickers.tsx";
import { QueueList } from "./queue/queue-list.tsx";
import { useQueue } from "./queue/use-queue.ts";
import { ReadOnlyFoot } from "./read-only-foot.tsx";
import { isActive } from "./rows.ts";
import type { Standing } from "./standing.ts";
import type { Editing, EditTarget } from "./use-composing.ts";

/** The server takes so many waiting messages. */
const QUEUE_MAX = 20;

interface ChatFootProps {
  chat: Chat | undefined;
  standing: Standing;
  timeline: Timeline;
  draft: string;
  onDraft: (text: string) => void;
  files: ComposerFiles;
  editing: Editing | null;
  onEdit: (target: EditTarget) => void;
  modelId: string | null;
  noModel: boolean;
  onModel: (id: string) => void;
  onWorkspace: (id: string | null) => void;
  comments: LineComments;
  onComment: (comment: LineComment) => void;
  onSend: (text: string, files: readonly SentFile[]) => void;
  stop: { stop: () => void; stopping: boolean };
}

/** What waits, and what is being written: a new message, or another version of an old one. */
export function ChatFoot(props: ChatFootProps): ReactNode {
  const { chat, standing, timeline, editing } = props;
  const me = useMe();
  const queue = useQueue(timeline.queue);
  const active = isActive(timeline.status);
  const first = queue.entries[0];
  const mayChange = (entry: QueuedMessage) => standing.owns || (standing.maySend && entry.created_by === me.id);
  const full = queue.entries.length >= QUEUE_MAX && active;
  useEscape(editing?.cancel ?? null);

  const list = (
    <QueueList
      queue={queue}
      chatModelId={chat?.last_model_config_id ?? null}
      editing={editing?.target.kind === "queued" ? editing.target.entry.id : null}
      held={timeline.status === "error"}
      mayChange={mayChange}
      onEdit={(entry) => props.onEdit({ kind: "queued", entry })}
    />
  );
  const onStop = active ? props.stop.stop : null;
  const stopping = props.stop.stopping || timeline.status === "interrupting";

  if (chat !== undefined && !standing.maySend) {
    return (
      <>
        {list}
        <ReadOnlyFoot chat={chat} />
      </>
    );
  }
  if (editing !== null) {
    const target = editing.target;
    return (
      <>
        {list}
        <Composer
          key="edit"
          focusKey={target.kind === "queued" ? `q${target.entry.id}` : `m${target.message.id}`}
          bar={<EditBar editing={editing} />}
          text={editing.text}
          onChange={editing.setText}
          files={editing.files}
          onSend={() => {
            if (!editing.gone) return editing.save();
            props.onSend(editing.text, sentFiles(editing.files.store.list()));
            editing.cancel();
          }}
          placeholder="Say it anew"
          blocked={null}
          busy={editing.saving}
          pickers={
            target.kind === "queued" && (
              <ModelPicker value={editing.modelConfigId ?? props.modelId} onPick={editing.setModel} />
            )
          }
        />
      </>
    );
  }
  return (
    <>
      {list}
      {standing.owns && <LimitNotice />}
      <CommentStack comments={props.comments} onJump={props.onComment} />
      <Composer
        key="new"
        text={props.draft}
        onChange={props.onDraft}
        files={props.files}
        onSend={() => props.onSend(props.draft, sentFiles(props.files.store.list()))}
        bringsMore={props.comments.list.length > 0}
        onEmptyEnter={
          first === undefined || !mayChange(first) || queue.promoted !== null ? null : () => queue.promote(first)
        }
        placeholder={active ? "Say what comes next" : "Reply"}
        blocked={props.noModel ? <NoModel /> : full ? <QueueFull /> : null}
        onStop={onStop}
        stopping={stopping}
        pickers={
          <>
            {chat !== undefined && standing.owns && (
              <WorkspacePicker value={chat.workspace_id} onPick={props.onWorkspace} />
            )}
            <ModelPicker value={props.modelId} onPick={props.onModel} />
          </>
        }
      />
    </>
  );
}

function useEscape(act: (() => void) | null): void {
  useEffect(() => {
    if (act === null) return;
    function onKeyDown(event: KeyboardEvent): void {
      if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
      if (document.querySelector("[role=dialog],[role=menu],[role=listbox]") !== null) return;
      event.preventDefault();
      act?.();
    }
    // Before what Escape does otherwise: it stops the turn.
    window.addEventListener("keydown", onKeyDown, { capture: true });
    return () => window.removeEventListener("keydown", onKeyDown, { capture: true });
  }, [act]);
}

function QueueFull(): ReactNode {
  return `${QUEUE_MAX} messages wait already. Delete one, or send one now, to make room.`;
}

export function NoModel(): ReactNode {
  return (
    <>
      No model is set up, so nothing can be sent.{" "}
      <Link to="/settings/providers" className="underline underline-offset-3">
        Add a provider
      </Link>
    </>
  );
}
