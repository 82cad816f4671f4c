import type { FormEvent, KeyboardEvent, ReactNode } from "react";
import { useId, useState } from "react";
import { PROMPT_MAX_BYTES } from "../../../../src/contract/chat-settings.ts";
import { Button } from "../../ui/button.tsx";
import { cx } from "../../ui/cx.ts";
import { Textarea } from "../../ui/field.tsx";
import { FormFailure } from "../../ui/form-failure.tsx";
import { errorText } from "../../ui/states.tsx";
import { toast } from "../../ui/toaster.tsx";
import { afterSave, bytesWords, isChanged, promptBytes, shownText } from "./draft.ts";

/** From here on how much room is left matters. */
const NEARLY_FULL = 0.9;

interface PromptFormProps {
  label: string;
  saved: string;
  /** What an empty field means. */
  whenEmpty: string;
  savedWords: string;
  /** Settles when it is saved and `saved` will be what was sent. */
  save: (text: string) => Promise<void>;
}

/** A long text with a draft of its own: no refetch overwrites it, no failed save loses it. */
export function PromptForm({ label, saved, whenEmpty, savedWords, save }: PromptFormProps): ReactNode {
  const [draft, setDraft] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const id = useId();
  const text = shownText(draft, saved);
  const bytes = promptBytes(text);
  const tooLong = bytes > PROMPT_MAX_BYTES;
  const changed = isChanged(draft, saved);

  async function submit(): Promise<void> {
    if (busy || !changed || tooLong) return;
    setBusy(true);
    setFailure(null);
    try {
      await save(text.trim());
      setDraft((now) => afterSave(now, text));
      toast.success(savedWords);
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  }
  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    void submit();
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    void submit();
  }

  return (
    <form onSubmit={onSubmit} noValidate className="flex flex-col gap-2">
      <Textarea
        aria-label={label}
        aria-describedby={`${id}-hint ${id}-size`}
        aria-invalid={tooLong || undefined}
        value={text}
        rows={8}
        spellCheck
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
        className="max-h-[60dvh] min-h-40"
      />
      <div className="flex flex-wrap justify-between gap-x-6 gap-y-1 text-sm">
        <p id={`${id}-hint`} className="text-faint">
          {whenEmpty}
        </p>
        <p
          id={`${id}-size`}
          className={cx(
            "tabular ml-auto",
            tooLong ? "text-danger" : bytes > PROMPT_MAX_BYTES * NEARLY_FULL ? "text-warning" : "text-faint",
          )}
        >
          {bytesWords(bytes, PROMPT_MAX_BYTES)}
          {tooLong && ": too long to save"}
        </p>
      </div>
      {failure !== null && (
        <FormFailure failure={failure}>
          <span className="font-medium">Not saved; what you wrote is still here.</span> {errorText(failure)}
        </FormFailure>
      )}
      <div className="mt-1 flex gap-2">
        <Button type="submit" variant="primary" busy={busy} disabled={!changed || tooLong}>
          {busy ? "Saving…" : "Save"}
        </Button>
        {changed && !busy && (
          <Button
            variant="ghost"
            onClick={() => {
              setDraft(null);
              setFailure(null);
            }}
          >
            Discard changes
          </Button>
        )}
      </div>
    </form>
  );
}
