import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { WifiOff } from "lucide-react";
import type { ReactNode } from "react";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { chat as chatSchema } from "../../../src/contract/chats.ts";
import { get, patch, send } from "../api/client.ts";
import { chatQuery } from "../api/queries.ts";
import type { LineComment } from "../git/line-comments.ts";
import { useLineComments } from "../git/use-line-comments.ts";
import { useChangesPanel } from "../git/use-panel.ts";
import { useMe } from "../shell/me.ts";
import { useTitle } from "../shell/page.tsx";
import { failed } from "../ui/toaster.tsx";
import { AgentStream } from "./agents/agent-stream.tsx";
import { AgentViewContext } from "./agents/agent-view.ts";
import { Announcer } from "./announcer.tsx";
import { ArchivedNotice } from "./archived-notice.tsx";
import { sentFiles, type SentFile } from "./attachments/attachments.ts";
import { DropZone } from "./attachments/drop-zone.tsx";
import { useAttachments } from "./attachments/use-attachments.ts";
import { ChatFoot } from "./chat-foot.tsx";
import { ChatHeader } from "./chat-header.tsx";
import { OutgoingRow, RetryNotice, TurnError } from "./chat-tail.tsx";
import { Dock } from "./dock.tsx";
import { type MessageActs, MessageActsContext } from "./message-acts.ts";
import { LostAccess, NoSuchChat } from "./lost-access.tsx";
import type { JumpTarget } from "./jump/use-jump.ts";
import { openChatOutbox, type Outbox, type OutgoingMessage } from "./outgoing.ts";
import { chooseModel, useModels, workspaceMemory } from "./pickers.tsx";
import { PeopleContext, usePeople } from "./people.ts";
import { isActive } from "./rows.ts";
import { standingIn } from "./standing.ts";
import { remember, remembered } from "./storage.ts";
import type { ChatStream, StreamState } from "./stream-socket.ts";
import { TimelineSkeleton, TimelineView } from "./timeline-view.tsx";
import { useChatStream } from "./use-chat-stream.ts";
import { useEditing } from "./use-composing.ts";
import { useDraft } from "./use-draft.ts";
import { useSummarise } from "./use-summarise.ts";
import { useTurnStart } from "./use-turn-start.ts";

const ChangesPanel = lazy(() =>
  import("../git/changes-panel.tsx").then((module) => ({ default: module.ChangesPanel })),
);

const showAgent = (chatId: string) => <AgentStream chatId={chatId} />;

interface ChatPageProps {
  chatId: string;
  /** A message to lead to. */
  target: JumpTarget | null;
  /** Mounts the page anew: it may be there again. */
  onReopen: () => void;
}

/** One chat, live. Mount it anew (by key) for another chat. */
export function ChatPage({ chatId, target, onReopen }: ChatPageProps): ReactNode {
  const { timeline, cuts, connection, denied, troubled, older, send: overLine } = useChatStream(chatId);
  const { data: chat } = useQuery({ ...chatQuery(chatId), enabled: denied === null });
  const me = useMe();
  const { models, loading: modelsLoading } = useModels();
  const [picked, setPicked] = useState<string | null>(null);
  const [draft, setDraft] = useDraft(chatId);
  const files = useAttachments(chatId);
  const { editing, edit } = useEditing(timeline);
  const comments = useLineComments(chatId);
  const panel = useChangesPanel();
  const [commentTarget, setCommentTarget] = useState<{ path: string } | null>(null);
  const [sent, setSent] = useState(0);
  const outbox = useOutbox(chatId, overLine);
  const startedAt = useTurnStart(timeline);
  const bindWorkspace = useBindWorkspace(chatId);
  const standing = standingIn(chat);
  const authorOf = usePeople(chat, timeline);
  const stop = useStop(chatId, standing.maySend && isActive(timeline.status));
  const summary = useSummarise(chatId, timeline);
  const title = timeline.title ?? chat?.title ?? "";
  useTitle(denied !== null ? "Chat" : isActive(timeline.status) ? `Working · ${title}` : title);
  useSignedOut(chatId, denied);

  const messageIds = useMemo(() => new Set(timeline.messages.map((message) => message.id)), [timeline.messages]);
  useEffect(() => outbox.box?.arrived((id) => messageIds.has(id)), [outbox.box, messageIds]);
  const outgoing = outbox.messages.filter(
    (message) => message.messageId === null || !messageIds.has(message.messageId),
  );

  const model = chooseModel(models, [picked, chat?.last_model_config_id, remembered("model")]);
  const archived = chat?.archived === true;
  const { maySend } = standing;
  const editedId = editing?.target.kind === "message" ? editing.target.message.id : null;
  const acts = useMemo<MessageActs>(
    () => ({
      editing: editedId,
      mayEdit: (message) => message.role === "user" && message.created_by === me.id && !archived && maySend,
      edit: (message) => edit({ kind: "message", message }),
    }),
    [editedId, me.id, archived, maySend, edit],
  );

  function sendMessage(text: string, attached: readonly SentFile[], said: readonly LineComment[]): void {
    if (text.trim() === "" && attached.length === 0 && said.length === 0) return;
    outbox.box?.send(text.trim(), model?.model_config_id ?? null, attached, said);
    setSent((count) => count + 1);
  }
  function takeBack(key: string): void {
    const message = outbox.box?.takeBack(key);
    if (message === undefined) return;
    setDraft(draft === "" ? message.text : `${message.text}\n\n${draft}`);
    files.store.replace([...message.files, ...sentFiles(files.store.list())]);
    comments.replace([...message.comments, ...comments.list]);
  }

  if (denied === "not-found") return <NoSuchChat />;
  if (denied === "access-lost") return <LostAccess chatId={chatId} onReopen={onReopen} />;
  return (
    <PeopleContext value={authorOf}>
      <div className="flex h-full min-h-0">
        <DropZone
          onFiles={archived || !maySend ? null : (editing?.files ?? files).add}
          className="flex h-full min-h-0 min-w-0 flex-1 flex-col"
        >
          <ChatHeader
            chat={chat}
            title={title}
            standing={standing}
            watching={timeline.watching}
            onSummarise={summary.available ? summary.start : null}
            changes={panel}
          />
          {troubled && <ConnectionNotice connection={connection} />}
          {timeline.ready ? (
            <AgentViewContext value={showAgent}>
              <MessageActsContext value={acts}>
                <TimelineView
                  timeline={timeline}
                  cuts={cuts}
                  older={older}
                  sent={sent}
                  target={target}
                  tail={
                    (outgoing.length > 0 || timeline.status === "error" || timeline.retry !== null) && (
                      <>
                        {timeline.retry !== null && timeline.status === "running" && (
                          <RetryNotice retry={timeline.retry} />
                        )}
                        {timeline.status === "error" && <TurnError timeline={timeline} />}
                        {outgoing.map((message) => (
                          <OutgoingRow
                            key={message.key}
                            message={message}
                            onRetry={() => outbox.box?.retry(message.key)}
                            onTakeBack={() => takeBack(message.key)}
                          />
                        ))}
                      </>
                    )
                  }
                />
              </MessageActsContext>
            </AgentViewContext>
          ) : (
            <TimelineSkeleton />
          )}
          <Announcer timeline={timeline} />
          <Dock timeline={timeline} startedAt={startedAt} summarising={summary.running}>
            {archived ? (
              <ArchivedNotice chat={chat} mayUnarchive={standing.owns} />
            ) : (
              <ChatFoot
                chat={chat}
                standing={standing}
                timeline={timeline}
                draft={draft}
                onDraft={setDraft}
                files={files}
                editing={editing}
                onEdit={edit}
                modelId={model?.model_config_id ?? null}
                noModel={!modelsLoading && model === null}
                onModel={(id) => {
                  setPicked(id);
                  remember("model", id);
                }}
                onWorkspace={bindWorkspace}
                comments={comments}
                onComment={(comment) => {
                  panel.show();
                  setCommentTarget({ path: comment.path });
                }}
                onSend={(text, attached) => {
                  sendMessage(text, attached, editing === null ? comments.list : []);
                  if (editing !== null) return;
                  setDraft("");
                  files.store.replace([]);
                  comments.replace([]);
                }}
                stop={stop}
              />
            )}
          </Dock>
        </DropZone>
        {chat !== undefined && panel.open && (
          <Suspense>
            <ChangesPanel
              chat={chat}
              working={isActive(timeline.status)}
              panel={panel}
              comments={archived || !maySend ? null : comments}
              target={commentTarget}
            />
          </Suspense>
        )}
      </div>
    </PeopleContext>
  );
}

/** Lets the chat work in another workspace, or in none; shown at once and taken back if it is refused. */
function useBindWorkspace(chatId: string): (workspaceId: string | null) => void {
  const queryClient = useQueryClient();
  const key = chatQuery(chatId).queryKey;
  const { mutate } = useMutation({
    mutationFn: (workspaceId: string | null) => patch(`/chats/${chatId}`, { workspace_id: workspaceId }, chatSchema),
    onMutate: (workspaceId) => {
      const before = queryClient.getQueryData(key);
      if (before !== undefined) queryClient.setQueryData(key, { ...before, workspace_id: workspaceId });
      return before;
    },
    onSuccess: (changed, workspaceId) => {
      queryClient.setQueryData(key, changed);
      remember("workspace", workspaceMemory(workspaceId));
    },
    onError: (error, _workspaceId, before) => {
      queryClient.setQueryData(key, before);
      failed("change the workspace", error);
    },
  });
  return mutate;
}

const noMessages: readonly OutgoingMessage[] = [];
const nothing = () => () => {};

function useOutbox(
  chatId: string,
  overLine: ChatStream["send"],
): { box: Outbox | null; messages: readonly OutgoingMessage[] } {
  const [box, setBox] = useState<Outbox | null>(null);
  useEffect(() => {
    const opened = openChatOutbox(chatId, overLine);
    setBox(opened);
    return () => opened.close();
  }, [chatId, overLine]);
  const messages = useSyncExternalStore(box?.subscribe ?? nothing, box?.messages ?? (() => noMessages));
  return { box, messages };
}

/** Stops the turn, by its button or by Escape. */
function useStop(chatId: string, active: boolean): { stop: () => void; stopping: boolean } {
  const [stopping, setStopping] = useState(false);
  useEffect(() => {
    if (!active) setStopping(false);
  }, [active]);

  const stop = useCallback(() => {
    setStopping(true);
    send("POST", `/chats/${chatId}/interrupt`).catch((error: unknown) => {
      setStopping(false);
      failed("stop the turn", error);
    });
  }, [chatId]);

  useEffect(() => {
    if (!active) return;
    function onKeyDown(event: KeyboardEvent): void {
      // A menu or dialog that is open takes the key for itself.
      if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
      if (document.querySelector("[role=dialog],[role=menu],[role=listbox]") !== null) return;
      stop();
    }
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [active, stop]);

  return { stop, stopping };
}

/** An ordinary call that is refused leads to the sign-in page, with the way back. */
function useSignedOut(chatId: string, denied: StreamState["denied"]): void {
  useEffect(() => {
    if (denied !== "signed-out") return;
    get(`/chats/${chatId}`, chatSchema).catch((error: unknown) => failed("open the chat", error));
  }, [chatId, denied]);
}

/** Lies over the conversation, so that its coming and going moves nothing. */
function ConnectionNotice({ connection }: { connection: StreamState["connection"] }): ReactNode {
  return (
    <div className="relative h-0">
      <p
        role="status"
        className="animate-enter absolute top-2 left-1/2 z-10 flex w-max max-w-[calc(100%-2rem)] -translate-x-1/2 items-center gap-2 rounded-full border border-warning bg-warning-soft px-3 py-1 text-sm text-warning"
      >
        <WifiOff size={14} className="shrink-0" aria-hidden />
        {connectionWords[connection]}
      </p>
    </div>
  );
}

const connectionWords: Record<StreamState["connection"], string> = {
  connecting: "Connecting…",
  reconnecting: "Reconnecting…",
  offline: "You are offline. The agent works on; this page catches up when you are back.",
  live: "Connected",
  denied: "Disconnected",
};
