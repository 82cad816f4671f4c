import { ArrowUp, Check, Paperclip, Square } from "lucide-react";
import type { ClipboardEvent, KeyboardEvent, ReactNode } from "react";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { fileTypes } from "../../../src/contract/files.ts";
import { IconButton } from "../ui/button.tsx";
import { cx } from "../ui/cx.ts";
import { Tooltip } from "../ui/tooltip.tsx";
import { AttachmentList, uploadsInTheWay } from "./attachments/attachment-list.tsx";
import { PASTE_MAX_CHARACTERS } from "./attachments/attachments.ts";
import type { ComposerFiles } from "./attachments/use-attachments.ts";
import { isSendKey } from "./send-key.ts";

/** Half a screen of text is the most that the conversation gives away. */
const MOST_OF_SCREEN = 0.4;

interface ComposerProps {
  text: string;
  onChange: (text: string) => void;
  onSend: () => void;
  files: ComposerFiles;
  /** There is something to send beside text and files. */
  bringsMore?: boolean;
  /** What Enter does while there is nothing to send. */
  onEmptyEnter?: (() => void) | null;
  placeholder: string;
  /** Why nothing can be sent now; said, not only shown. */
  blocked: ReactNode | null;
  /** The message is on its way and may not be sent twice. */
  busy?: boolean;
  onStop?: (() => void) | null;
  stopping?: boolean;
  /** Model and workspace. */
  pickers: ReactNode;
  rows?: number;
  /** What is being changed, above the field; the button then saves. */
  bar?: ReactNode;
  /** With another one the field is taken to anew. */
  focusKey?: string;
}

export function Composer(props: ComposerProps): ReactNode {
  const { text, onChange, onSend, files, placeholder, blocked, busy = false, onStop = null, stopping = false } = props;
  const input = useRef<HTMLTextAreaElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const noteId = useId();
  const empty = text.trim() === "" && files.list.length === 0 && props.bringsMore !== true;
  const uploads = uploadsInTheWay(files.list);
  const saves = props.bar !== undefined;
  const { waiting, submit, giveUp } = useSendAfterUploads(uploads, onSend);
  const disabled = empty || blocked !== null || busy || waiting || uploads?.failed === true;
  const note = blocked ?? (uploads !== null && (waiting || uploads.failed) ? uploads.words : null);

  useLayoutEffect(() => {
    const field = input.current;
    if (field === null) return;
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, window.innerHeight * MOST_OF_SCREEN)}px`;
  }, [text]);

  useEffect(() => {
    // On a phone the keyboard would cover what was just opened.
    const field = input.current;
    if (field === null || !(window.matchMedia("(pointer: fine)").matches || props.focusKey !== undefined)) return;
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }, [props.focusKey]);

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    if (!isSendKey(event.nativeEvent)) return;
    event.preventDefault();
    if (empty) props.onEmptyEnter?.();
    else if (!disabled) submit();
  }

  function onPaste(event: ClipboardEvent<HTMLTextAreaElement>): void {
    const pasted = event.clipboardData.getData("text/plain");
    const pastedFiles = [...event.clipboardData.files];
    // Spreadsheets put a picture of the text beside it; the text is what was meant.
    if (pastedFiles.length > 0 && pasted === "") {
      event.preventDefault();
      files.add(pastedFiles);
    } else if (pasted.length > PASTE_MAX_CHARACTERS) {
      event.preventDefault();
      files.store.addText(pasted);
    }
  }

  return (
    <div className="flex flex-col">
      {props.bar}
      <AttachmentList files={files} onPutBack={(pasted) => onChange(text === "" ? pasted : `${text}\n\n${pasted}`)} />
      <label className="sr-only" htmlFor={`${noteId}-input`}>
        Message
      </label>
      <textarea
        id={`${noteId}-input`}
        ref={input}
        data-testid="composer-input"
        value={text}
        rows={props.rows ?? 1}
        dir="auto"
        enterKeyHint="send"
        placeholder={placeholder}
        aria-describedby={note === null ? undefined : noteId}
        onChange={(event) => {
          giveUp();
          onChange(event.target.value);
        }}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        className="block w-full resize-none bg-transparent px-0 py-1 text-md outline-none placeholder:text-faint focus-visible:outline-none"
      />
      {note !== null && (
        <p id={noteId} role="status" className="py-1 text-sm text-warning">
          {note}
        </p>
      )}
      <div className="mt-1 flex items-center gap-1">
        <div className="-ml-2 flex min-w-0 flex-1 items-center gap-0.5">
          <input
            ref={chooser}
            type="file"
            multiple
            hidden
            accept={[...fileTypes, ".md", ".txt", ".log", ".csv", ".json"].join(",")}
            data-testid="composer-files"
            onChange={(event) => {
              files.add([...(event.target.files ?? [])]);
              // The same file chosen once more is a change, too.
              event.target.value = "";
              input.current?.focus();
            }}
          />
          <IconButton label="Attach images or text files" side="top" onClick={() => chooser.current?.click()}>
            <Paperclip size={16} aria-hidden />
          </IconButton>
          {props.pickers}
        </div>
        {onStop !== null && (
          <IconButton
            label={stopping ? "Stopping…" : "Stop"}
            shortcut="Esc"
            side="top"
            size="md"
            data-testid="composer-stop"
            disabled={stopping}
            onClick={onStop}
            className="border border-line-strong text-ink"
          >
            <Square size={12} fill="currentColor" aria-hidden />
          </IconButton>
        )}
        <SendButton
          words={sendWords(saves, onStop !== null)}
          saves={saves}
          disabled={disabled}
          busy={busy || waiting}
          onPress={submit}
        />
      </div>
    </div>
  );
}

/** Sending waits for uploads that are under way, and is given up when one fails or the text changes. */
function useSendAfterUploads(
  uploads: { failed: boolean } | null,
  onSend: () => void,
): { waiting: boolean; submit: () => void; giveUp: () => void } {
  const [wanted, setWanted] = useState(false);
  const send = useRef(onSend);
  send.current = onSend;
  const blocked = uploads !== null;
  const failed = uploads?.failed === true;
  useEffect(() => {
    if (!wanted || (blocked && !failed)) return;
    setWanted(false);
    if (!blocked) send.current();
  }, [wanted, blocked, failed]);
  return {
    waiting: wanted && blocked,
    submit: () => {
      if (!blocked) onSend();
      else if (!failed) setWanted(true);
    },
    giveUp: () => setWanted(false),
  };
}

function sendWords(saves: boolean, active: boolean): { tip: string; label: string } {
  if (saves) return { tip: "Save", label: "Save" };
  if (active) return { tip: "Send next", label: "Send next, when this turn ends" };
  return { tip: "Send", label: "Send" };
}

interface SendButtonProps {
  words: { tip: string; label: string };
  saves: boolean;
  disabled: boolean;
  busy: boolean;
  onPress: () => void;
}

function SendButton({ words, saves, disabled, busy, onPress }: SendButtonProps): ReactNode {
  const Icon = saves ? Check : ArrowUp;
  return (
    <Tooltip label={words.tip} shortcut="enter">
      <button
        type="button"
        aria-label={words.label}
        data-testid="composer-send"
        aria-disabled={disabled}
        aria-busy={busy || undefined}
        onClick={() => {
          if (!disabled) onPress();
        }}
        className={cx(
          "inline-flex size-8.5 shrink-0 items-center justify-center rounded-md transition-colors duration-100",
          disabled ? "bg-raised text-faint" : "bg-accent text-accent-ink hover:bg-accent-strong",
        )}
      >
        <Icon size={17} aria-hidden />
      </button>
    </Tooltip>
  );
}
