import type { DragEvent, ReactNode } from "react";
import { useRef, useState } from "react";
import { cx } from "../../ui/cx.ts";

interface DropZoneProps {
  /** Null takes nothing. */
  onFiles: ((files: readonly File[]) => void) | null;
  className?: string;
  children: ReactNode;
}

/** A page on which files can be dropped anywhere. */
export function DropZone({ onFiles, className, children }: DropZoneProps): ReactNode {
  const [over, setOver] = useState(false);
  // Entering a child comes before leaving its parent, so they are counted.
  const depth = useRef(0);

  function brings(event: DragEvent): boolean {
    return onFiles !== null && event.dataTransfer.types.includes("Files");
  }
  function leave(): void {
    depth.current = 0;
    setOver(false);
  }

  return (
    <div
      className={cx("relative", className)}
      onDragEnter={(event) => {
        if (!brings(event)) return;
        event.preventDefault();
        depth.current += 1;
        setOver(true);
      }}
      onDragOver={(event) => {
        if (brings(event)) event.preventDefault();
      }}
      onDragLeave={(event) => {
        if (!brings(event)) return;
        depth.current -= 1;
        if (depth.current <= 0) leave();
      }}
      onDrop={(event) => {
        if (!brings(event)) return;
        event.preventDefault();
        leave();
        onFiles?.([...event.dataTransfer.files]);
      }}
    >
      {children}
      {over && (
        <div className="pointer-events-none absolute inset-2 z-20 flex items-center justify-center rounded-lg border-2 border-dashed border-accent bg-accent-soft opacity-95">
          <p className="font-medium text-accent-strong">Drop images or text files to attach them</p>
        </div>
      )}
    </div>
  );
}
