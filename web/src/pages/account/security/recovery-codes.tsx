import type { ReactNode } from "react";
import { Button } from "../../../ui/button.tsx";
import { CommandBlock } from "../../../ui/command-block.tsx";
import { Dialog, DialogActions } from "../../../ui/dialog.tsx";

/** The codes for when the app is lost, this once. */
export function RecoveryCodes({ codes, onClose }: { codes: string[]; onClose: () => void }): ReactNode {
  return (
    <Dialog
      open
      persistent
      onOpenChange={(open) => !open && onClose()}
      title="Keep these recovery codes"
      description="Each signs you in once if you lose your app. They are shown this once: print them, or put them where you keep secrets."
    >
      <CommandBlock text={codes.join("\n")} label="Copy codes" />
      <DialogActions>
        <Button variant="primary" onClick={onClose}>
          I have kept them
        </Button>
      </DialogActions>
    </Dialog>
  );
}
