import { useQuery } from "@tanstack/react-query";
import { ChevronRight, FileText, ImageOff } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import { isImageType } from "../../../../src/contract/files.ts";
import { errorText } from "../../ui/states.tsx";
import { cx } from "../../ui/cx.ts";
import { fileUrl, readFileText, shownUrl } from "./file-store.ts";
import { Lightbox } from "./lightbox.tsx";

export interface ShownFile {
  readonly fileId: string;
  readonly mediaType: string;
  /** Where it is known. */
  readonly name?: string | undefined;
}

/** The files of a message: images as such, texts as cards that open. Each has its room before it is loaded. */
export function MessageFiles({ files }: { files: readonly ShownFile[] }): ReactNode {
  const [opened, setOpened] = useState<number | null>(null);
  const images = files.filter((file) => isImageType(file.mediaType));
  const texts = files.filter((file) => !isImageType(file.mediaType));
  if (files.length === 0) return null;
  return (
    <div className="mt-2 flex flex-col gap-2 first:mt-0.5">
      {images.length > 0 && (
        <ul aria-label="Images" className="flex flex-wrap gap-2">
          {images.map((image, index) => (
            <li key={image.fileId}>
              <Thumbnail image={image} large={images.length === 1} onOpen={() => setOpened(index)} />
            </li>
          ))}
        </ul>
      )}
      {texts.map((text) => (
        <TextFile key={text.fileId} file={text} />
      ))}
      {opened !== null && (
        <Lightbox
          images={images.map(({ fileId }, index) => ({
            url: shownUrl(fileId),
            words: imageWords(index, images.length),
          }))}
          index={opened}
          onIndex={setOpened}
          onClose={() => setOpened(null)}
        />
      )}
    </div>
  );
}

function imageWords(index: number, total: number): string {
  return total === 1 ? "Attached image" : `Attached image ${index + 1} of ${total}`;
}

interface ThumbnailProps {
  image: ShownFile;
  large: boolean;
  onOpen: () => void;
}

function Thumbnail({ image, large, onOpen }: ThumbnailProps): ReactNode {
  const [broken, setBroken] = useState(false);
  const box = cx("rounded-md border border-line-strong", large ? "h-48 max-w-full min-w-24" : "size-28");
  if (broken) {
    return (
      <p className={cx(box, "flex flex-col items-center justify-center gap-1 px-3 text-xs text-muted")}>
        <ImageOff size={16} aria-hidden />
        Not available
      </p>
    );
  }
  return (
    <button type="button" aria-label="Open the image" onClick={onOpen} className="block cursor-zoom-in rounded-md">
      <img
        src={shownUrl(image.fileId)}
        alt="Attached"
        onError={() => setBroken(true)}
        className={cx(box, "bg-page", large ? "object-contain" : "object-cover")}
      />
    </button>
  );
}

function TextFile({ file }: { file: ShownFile }): ReactNode {
  const [open, setOpen] = useState(false);
  const { data, error } = useQuery({
    queryKey: ["chat-file-text", file.fileId],
    queryFn: () => readFileText(file.fileId),
    enabled: open,
    staleTime: Infinity,
  });
  const name = file.name ?? "Attached text";
  return (
    <div className="overflow-hidden rounded-md border border-line bg-page">
      <div className="flex items-center">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="flex min-h-8 min-w-0 flex-1 items-center gap-2 px-3 text-left text-sm hover:bg-surface"
        >
          <FileText size={16} aria-hidden className="shrink-0 text-faint" />
          <span className="min-w-0 flex-1 truncate">{name}</span>
          <ChevronRight size={14} aria-hidden className={cx("shrink-0 text-faint", open && "rotate-90")} />
        </button>
        <a
          href={fileUrl(file.fileId)}
          download
          className="flex min-h-8 shrink-0 items-center border-l border-line px-3 text-xs text-muted hover:bg-surface hover:text-ink"
        >
          Download<span className="sr-only"> {name}</span>
        </a>
      </div>
      {open && (
        <pre
          tabIndex={0}
          role="group"
          aria-label={name}
          className="max-h-80 overflow-auto border-t border-line px-3 py-2 font-mono text-sm leading-5 break-words whitespace-pre-wrap"
        >
          {error === null ? (data ?? "Loading…") : errorText(error)}
        </pre>
      )}
    </div>
  );
}
