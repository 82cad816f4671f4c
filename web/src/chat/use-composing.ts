import { useCallback, useState } from "react";
import type { ChatMessage, QueuedMessage } from "../../../src/contract/chats.ts";
import type { Timeline } from "../../../src/contract/timeline.ts";
import { ApiError } from "../api/error.ts";
import { sentFiles } from "./attachments/attachments.ts";
import { useAttachments, type ComposerFiles } from "./attachments/use-attachments.ts";
import { editMessage, updateQueued } from "./chat-calls.ts";
import { editedInput, filesOf, textOf } from "./content.ts";
import { failureWords } from "./outgoing.ts";

/** What the composer changes, in the place of a new message. */
export type EditTarget =
  | { readonly kind: "message"; readonly message: ChatMessage }
  | { readonly kind: "queued"; readonly entry: QueuedMessage };

export interface Editing {
  readonly target: EditTarget;
  readonly text: string;
  setText(text: string): void;
  readonly files: ComposerFiles;
  /** The model that a queued message is sent with. */
  readonly modelConfigId: string | null;
  setModel(id: string): void;
  readonly saving: boolean;
  /** Why it could not be saved, or what has happened to it meanwhile. */
  readonly note: string | null;
  /** It is not there any more; what was written can only be sent as a new message. */
  readonly gone: boolean;
  save(): void;
  cancel(): void;
}

interface EditState {
  target: EditTarget;
  text: string;
  modelConfigId: string | null;
  saving: boolean;
  failure: string | null;
}

/** One message at a time, sent or waiting, opened in the composer. The draft of a new one stays as it is. */
export function useEditing(timeline: Timeline): { editing: Editing | null; edit: (target: EditTarget) => void } {
  const [state, setState] = useState<EditState | null>(null);
  const files = useAttachments(null);
  const { store } = files;

  const edit = useCallback(
    (target: EditTarget) => {
      const content = contentOf(target);
      store.replace(
        filesOf(content).map((part) => ({
          fileId: part.file_id,
          mediaType: part.media_type,
          name: part.file_name ?? "",
        })),
      );
      const modelConfigId = target.kind === "queued" ? target.entry.model_config_id : null;
      setState({ target, text: textOf(content), modelConfigId, saving: false, failure: null });
    },
    [store],
  );

  const cancel = useCallback(() => {
    setState(null);
    store.replace([]);
  }, [store]);

  if (state === null) return { editing: null, edit };
  const change = (changes: Partial<EditState>) => setState((before) => before && { ...before, ...changes });
  const { target } = state;
  const gone = !state.saving && isGone(timeline, target);

  async function save(): Promise<void> {
    if (state === null || state.saving) return;
    const content = editedInput(contentOf(target), state.text, sentFiles(store.list()));
    if (target.kind === "queued") {
      const present = timeline.queue.find((entry) => entry.id === target.entry.id);
      if (present === undefined) return;
      if (!sameContent(present, target.entry)) {
        change({ target: { kind: "queued", entry: present }, failure: CHANGED_ELSEWHERE });
        return;
      }
      change({ saving: true, failure: null });
      const model = state.modelConfigId === present.model_config_id ? {} : { model_config_id: state.modelConfigId };
      await updateQueued(present, { content, ...model });
    } else {
      change({ saving: true, failure: null });
      await editMessage(target.message, content);
    }
    cancel();
  }

  return {
    edit,
    editing: {
      target,
      text: state.text,
      setText: (text) => change({ text }),
      files,
      modelConfigId: state.modelConfigId,
      setModel: (modelConfigId) => change({ modelConfigId }),
      saving: state.saving,
      note: gone ? GONE[target.kind] : state.failure,
      gone,
      save: () => {
        save().catch((error: unknown) => change({ saving: false, failure: `Not saved. ${refusal(error)}` }));
      },
      cancel,
    },
  };
}

const CHANGED_ELSEWHERE =
  "It was changed somewhere else meanwhile; the list shows how. Save once more to put your version in its place.";
const GONE = {
  message: "This message was deleted meanwhile. What you wrote can be sent as a new message.",
  queued: "This message was sent or deleted meanwhile. What you wrote can be sent as a new message.",
} as const;

function contentOf(target: EditTarget): ChatMessage["content"] {
  return target.kind === "message" ? target.message.content : target.entry.content;
}

function isGone(timeline: Timeline, target: EditTarget): boolean {
  if (target.kind === "message") return timeline.deleted.has(target.message.id);
  return timeline.ready && !timeline.queue.some((entry) => entry.id === target.entry.id);
}

/** A change of its place only is no other message. */
function sameContent(a: QueuedMessage, b: QueuedMessage): boolean {
  return JSON.stringify(a.content) === JSON.stringify(b.content);
}

function refusal(error: unknown): string {
  if (error instanceof ApiError && error.status === 409) return [error.message, error.detail].filter(Boolean).join(" ");
  return failureWords(error);
}
