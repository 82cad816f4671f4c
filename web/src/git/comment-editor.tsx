import type { KeyboardEvent, ReactNode } from "react";
import { useState } from "react";
import { Button } from "../ui/button.tsx";

interface CommentEditorProps {
  /** "Line 3" or "Lines 3–7". */
  lines: string;
  onAdd: (text: string) => void;
  onCancel: () => void;
}

export function CommentEditor({ lines, onAdd, onCancel }: CommentEditorProps): ReactNode {
  const [text, setText] = useState("");
  const empty = text.trim() === "";

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") {
      // Escape stops the agent elsewhere.
      event.preventDefault();
      event.stopPropagation();
      onCancel();
    } else if (event.key === "Enter" && (event.metaKey || event.ctrlKey) && !empty) {
      event.preventDefault();
      onAdd(text.trim());
    }
  }

  return (
    <div className="border-y border-line bg-overlay px-3 py-2 font-sans">
      <label className="block text-xs text-muted">
        Comment on {lines.toLowerCase()}, for the next message
        <textarea
          autoFocus
          value={text}
          rows={2}
          maxLength={10_000}
          dir="auto"
          data-testid="comment-editor"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          className="mt-1 block w-full resize-y rounded-md border border-edge bg-page px-2.5 py-1.5 text-base text-ink"
        />
      </label>
      <div className="mt-2 flex justify-end gap-2">
        <Button size="sm" variant="ghost" onClick={onCancel}>
          Cancel
        </Button>
        <Button size="sm" variant="primary" disabled={empty} onClick={() => onAdd(text.trim())}>
          Add comment
        </Button>
      </div>
    </div>
  );
}
