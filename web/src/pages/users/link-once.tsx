import type { ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { CommandBlock } from "../../ui/command-block.tsx";
import { Dialog, DialogActions } from "../../ui/dialog.tsx";
import { exactMoment } from "../../ui/moments.ts";

interface LinkOnceDialogProps {
  title: string;
  url: string;
  expiresAt: string;
  /** Who is to have it. */
  children: ReactNode;
  onClose: () => void;
}

/** A link that works once, shown this once. Closing takes a press: it is gone afterwards. */
export function LinkOnceDialog({ title, url, expiresAt, children, onClose }: LinkOnceDialogProps): ReactNode {
  return (
    <Dialog open persistent wide onOpenChange={(open) => !open && onClose()} title={title} description={children}>
      <div className="flex flex-col gap-3">
        <CommandBlock text={url} label="Copy link" />
        <p className="text-sm text-muted">
          It works once, until {exactMoment(Date.parse(expiresAt))}. It is shown this once and kept nowhere; whoever has
          it can use it, so send it to nobody else.
        </p>
      </div>
      <DialogActions>
        <Button variant="primary" onClick={onClose}>
          I have copied it
        </Button>
      </DialogActions>
    </Dialog>
  );
}
