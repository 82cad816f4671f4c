import { ChevronLeft, ChevronRight, X } from "lucide-react";
import { Dialog } from "radix-ui";
import type { KeyboardEvent, ReactNode } from "react";
import { IconButton } from "../../ui/button.tsx";

interface LightboxProps {
  images: readonly { url: string; words: string }[];
  index: number;
  onIndex: (index: number) => void;
  onClose: () => void;
}

/** One image, as large as the window; arrow keys go on to the next, Escape and a press beside it lead back. */
export function Lightbox({ images, index, onIndex, onClose }: LightboxProps): ReactNode {
  const image = images[index];
  if (image === undefined) return null;
  const several = images.length > 1;
  const go = (step: number) => onIndex((index + step + images.length) % images.length);

  function onKeyDown(event: KeyboardEvent): void {
    if (!several) return;
    if (event.key === "ArrowLeft") go(-1);
    else if (event.key === "ArrowRight") go(1);
  }

  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 bg-page opacity-95" />
        <Dialog.Content
          aria-describedby={undefined}
          data-testid="lightbox"
          tabIndex={-1}
          // Not the cross: its tooltip would take the first Escape for itself.
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
          }}
          onKeyDown={onKeyDown}
          onClick={(event) => {
            if (event.target === event.currentTarget) onClose();
          }}
          className="fixed inset-0 z-50 flex items-center justify-center p-4 outline-none sm:p-12"
        >
          <Dialog.Title className="sr-only">{image.words}</Dialog.Title>
          <img src={image.url} alt={image.words} className="max-h-full max-w-full rounded-md border border-line" />
          <Dialog.Close asChild>
            <IconButton label="Close" size="md" className="fixed top-2 right-2 bg-page sm:top-4 sm:right-4">
              <X size={18} aria-hidden />
            </IconButton>
          </Dialog.Close>
          {several && (
            <>
              <IconButton
                label="Previous image"
                size="md"
                side="right"
                onClick={() => go(-1)}
                className="fixed top-1/2 left-2 bg-page"
              >
                <ChevronLeft size={18} aria-hidden />
              </IconButton>
              <IconButton
                label="Next image"
                size="md"
                side="left"
                onClick={() => go(1)}
                className="fixed top-1/2 right-2 bg-page"
              >
                <ChevronRight size={18} aria-hidden />
              </IconButton>
            </>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
