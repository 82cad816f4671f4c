import type { ReactNode } from "react";
import { Toaster as Sonner, toast } from "sonner";
import { errorText } from "./states.tsx";

/** Where short messages appear. Colours come from the tokens, so it needs to know no theme. */
export function Toaster(): ReactNode {
  return (
    <Sonner
      position="bottom-right"
      gap={8}
      // Its own style sheet names another font, and outranks every layer.
      style={{ fontFamily: "var(--font-sans)" }}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            "flex w-(--width) items-center gap-3 rounded-lg border border-line-strong bg-overlay px-4 py-3 text-base text-ink",
          content: "min-w-0 flex-1",
          title: "font-medium",
          description: "text-sm text-muted",
          icon: "text-muted",
          error: "[&_[data-icon]]:text-danger",
          success: "[&_[data-icon]]:text-success",
          actionButton: "h-7 shrink-0 rounded-md border border-line-strong px-2.5 text-sm font-medium hover:bg-raised",
        },
      }}
    />
  );
}

/** `failed("rename the chat", error)`: says what did not work and why. */
export function failed(doing: string, error: unknown): void {
  toast.error(`Could not ${doing}`, { description: errorText(error) });
}

/** How long a message stays that is the only way back: to be read, and its button reached by keyboard. */
export const UNDO_FOR_MS = 10_000;

export { toast };
