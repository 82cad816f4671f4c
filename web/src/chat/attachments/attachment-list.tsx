import { FileText, RotateCw, TextCursorInput, X } from "lucide-react";
import type { ReactNode } from "react";
import { isImageType } from "../../../../src/contract/files.ts";
import { IconButton } from "../../ui/button.tsx";
import { cx } from "../../ui/cx.ts";
import { count } from "../words.ts";
import type { Attachment } from "./attachments.ts";
import { shownUrl } from "./file-store.ts";
import type { ComposerFiles } from "./use-attachments.ts";

interface AttachmentListProps {
  files: ComposerFiles;
  /** A long paste goes into the message after all. */
  onPutBack: (text: string) => void;
}

/** What the message will bring, above its text. */
export function AttachmentList({ files, onPutBack }: AttachmentListProps): ReactNode {
  if (files.list.length === 0) return null;
  return (
    <ul aria-label="Attachments" className="flex flex-wrap gap-2 pt-1 pb-2">
      {files.list.map((attachment) => (
        <li
          key={attachment.key}
          data-testid="attachment"
          data-state={attachment.state}
          className={cx(
            "relative flex h-12 max-w-64 items-center gap-2 overflow-hidden rounded-md border pr-1 text-sm",
            attachment.state === "failed" ? "border-danger bg-danger-soft" : "border-line-strong bg-page",
          )}
        >
          <Picture attachment={attachment} />
          <span className="flex min-w-0 flex-col leading-tight">
            <span className="truncate" title={attachment.name}>
              {attachment.name === "" ? "Pasted image" : attachment.name}
            </span>
            <span
              className={cx("tabular truncate text-xs", attachment.state === "failed" ? "text-danger" : "text-faint")}
              title={attachment.failure ?? undefined}
            >
              {stateWords(attachment)}
            </span>
          </span>
          <span className="flex shrink-0 items-center">
            {attachment.state === "failed" && (
              <IconButton label="Try again" side="top" onClick={() => files.store.retry(attachment.key)}>
                <RotateCw size={14} aria-hidden />
              </IconButton>
            )}
            {attachment.text !== null && (
              <IconButton
                label="Put the text into the message"
                side="top"
                onClick={() => {
                  onPutBack(attachment.text ?? "");
                  files.store.remove(attachment.key);
                }}
              >
                <TextCursorInput size={14} aria-hidden />
              </IconButton>
            )}
            <IconButton
              label={`Remove ${attachment.name === "" ? "the image" : attachment.name}`}
              side="top"
              onClick={() => files.store.remove(attachment.key)}
            >
              <X size={14} aria-hidden />
            </IconButton>
          </span>
          {attachment.state === "uploading" && (
            <span
              aria-hidden
              className="absolute bottom-0 left-0 h-0.5 bg-accent transition-[width] duration-150"
              style={{ width: `${attachment.progress * 100}%` }}
            />
          )}
        </li>
      ))}
    </ul>
  );
}

function Picture({ attachment }: { attachment: Attachment }): ReactNode {
  if (isImageType(attachment.mediaType) && attachment.fileId !== null) {
    return <img src={shownUrl(attachment.fileId)} alt="" className="size-12 shrink-0 object-cover" />;
  }
  return (
    <span className="flex size-12 shrink-0 items-center justify-center bg-raised text-faint">
      <FileText size={16} aria-hidden />
    </span>
  );
}

function stateWords({ state, progress, failure, text }: Attachment): string {
  if (state === "failed") return failure ?? "Not uploaded";
  if (state === "uploading") return progress > 0 && progress < 1 ? `${Math.round(progress * 100)} %` : "Uploading…";
  return text === null ? "Ready" : `${count(text.length)} characters`;
}

/** Why sending has to wait, in one sentence; null when it does not. */
export function uploadsInTheWay(list: readonly Attachment[]): { words: string; failed: boolean } | null {
  const failed = list.filter((each) => each.state === "failed");
  if (failed.length > 0) {
    const what = failed.length === 1 ? "One file was" : `${failed.length} files were`;
    return { words: `${what} not uploaded. Try again or remove ${failed.length === 1 ? "it" : "them"}.`, failed: true };
  }
  const uploading = list.filter((each) => each.state === "uploading").length;
  if (uploading === 0) return null;
  return { words: `Waiting for ${uploading === 1 ? "one upload" : `${uploading} uploads`}…`, failed: false };
}
