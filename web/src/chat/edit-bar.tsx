import { X } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "../ui/button.tsx";
import { Keys } from "../ui/keys.tsx";
import type { Editing } from "./use-composing.ts";

/** What is being changed, above the composer's field. */
export function EditBar({ editing }: { editing: Editing }): ReactNode {
  const queued = editing.target.kind === "queued";
  return (
    <div data-testid="edit-bar" className="mt-1.5 mb-1 border-l-2 border-accent pl-3 text-sm">
      <div className="flex items-center gap-2">
        <p className="min-w-0 flex-1">
          <span className="font-medium text-accent-strong">
            {queued ? "Editing a waiting message." : "Editing a sent message."}
          </span>{" "}
          <span className="text-muted">
            {queued ? "It keeps its place." : "Everything after this message will be replaced."}
          </span>
        </p>
        <span aria-hidden className="shrink-0 max-sm:hidden">
          <Keys keys="Esc" />
        </span>
        <IconButton label="Cancel editing" side="top" onClick={editing.cancel}>
          <X size={14} aria-hidden />
        </IconButton>
      </div>
      {editing.note !== null && (
        <p role="alert" className="pb-1 text-warning">
          {editing.note}
        </p>
      )}
    </div>
  );
}
