import { Check, Copy } from "lucide-react";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { Button, IconButton } from "./button.tsx";
import { failed } from "./toaster.tsx";

/** How long it says "Copied": long enough to be seen on the way back from the other window. */
const COPIED_MS = 1_600;

interface CopyButtonProps {
  text: string | (() => string);
  /** What is copied: "Copy command". */
  label?: string;
  /** A button with words instead of an icon alone. */
  worded?: boolean;
  className?: string;
}

export function CopyButton({ text, label = "Copy", worded = false, className }: CopyButtonProps): ReactNode {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(typeof text === "string" ? text : text());
      setCopied(true);
    } catch (error) {
      failed("copy: the browser refused", error);
    }
  }

  const icon = copied ? <Check size={14} className="text-success" aria-hidden /> : <Copy size={14} aria-hidden />;
  if (worded) {
    return (
      <Button size="sm" onClick={() => void copy()} className={className}>
        {icon}
        <span aria-live="polite">{copied ? "Copied" : label}</span>
      </Button>
    );
  }
  return (
    <IconButton label={copied ? "Copied" : label} side="top" onClick={() => void copy()} className={className}>
      {icon}
    </IconButton>
  );
}
