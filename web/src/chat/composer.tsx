import { ArrowUp, Square } from "lucide-react";
import type { KeyboardEvent, ReactNode } from "react";
import { useEffect, useId, useLayoutEffect, useRef } from "react";
import { IconButton } from "../ui/button.tsx";
import { cx } from "../ui/cx.ts";
import { Tooltip } from "../ui/tooltip.tsx";
import { isSendKey } from "./send-key.ts";

/** Half a screen of text is the most that the conversation gives away. */
const MOST_OF_SCREEN = 0.4;

interface ComposerProps {
  text: string;
  onChange: (text: string) => void;
  onSend: () => void;
  placeholder: string;
  /** Why nothing can be sent now; said, not only shown. */
  blocked: ReactNode | null;
  /** The message is on its way and may not be sent twice. */
  busy?: boolean;
  onStop?: (() => void) | null;
  stopping?: boolean;
  /** Model and workspace. */
  pickers: ReactNode;
  /** What is said at the right of the pickers. */
  meter?: ReactNode;
  rows?: number;
}

export function Composer(props: ComposerProps): ReactNode {
  const { text, onChange, onSend, placeholder, blocked, busy = false, onStop = null, stopping = false } = props;
  const input = useRef<HTMLTextAreaElement>(null);
  const noteId = useId();
  const empty = text.trim() === "";
  const disabled = empty || blocked !== null || busy;

  useLayoutEffect(() => {
    const field = input.current;
    if (field === null) return;
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, window.innerHeight * MOST_OF_SCREEN)}px`;
  }, [text]);

  useEffect(() => {
    // On a phone the keyboard would cover what was just opened.
    if (window.matchMedia("(pointer: fine)").matches) input.current?.focus();
  }, []);

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    if (!isSendKey(event.nativeEvent)) return;
    event.preventDefault();
    if (!disabled) onSend();
  }

  return (
    <div className="flex flex-col">
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
        aria-describedby={blocked === null ? undefined : noteId}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
        className="block w-full resize-none bg-transparent px-0 py-1 text-md outline-none placeholder:text-faint focus-visible:outline-none"
      />
      {blocked !== null && (
        <p id={noteId} className="py-1 text-sm text-warning">
          {blocked}
        </p>
      )}
      <div className="mt-1 flex items-center gap-1">
        <div className="-ml-2 flex min-w-0 flex-1 items-center gap-0.5">{props.pickers}</div>
        {props.meter}
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
        <Tooltip label={onStop === null ? "Send" : "Send next"} shortcut="enter">
          <button
            type="button"
            aria-label={onStop === null ? "Send" : "Send next, when this turn ends"}
            data-testid="composer-send"
            aria-disabled={disabled}
            aria-busy={busy || undefined}
            onClick={() => {
              if (!disabled) onSend();
            }}
            className={cx(
              "inline-flex size-8.5 shrink-0 items-center justify-center rounded-md transition-colors duration-100",
              disabled ? "bg-raised text-faint" : "bg-accent text-accent-ink hover:bg-accent-strong",
            )}
          >
            <ArrowUp size={17} aria-hidden />
          </button>
        </Tooltip>
      </div>
    </div>
  );
}
