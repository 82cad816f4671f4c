import { z } from "zod";
import { FILE_MAX_BYTES, fileTypes, isImageType } from "../../../../src/contract/files.ts";

/**
 * Files on their way into one message. Each is uploaded as soon as it is chosen; the message only
 * names them. What has arrived is remembered, so that a reload keeps it beside the draft.
 */
export interface Attachment {
  readonly key: string;
  readonly name: string;
  readonly mediaType: string;
  readonly state: "uploading" | "ready" | "failed";
  /** 0 to 1. */
  readonly progress: number;
  readonly failure: string | null;
  /** The server's id, once it is there. */
  readonly fileId: string | null;
  /** A long paste: its text, which can go back into the message. */
  readonly text: string | null;
}

/** A file that has arrived, as a message refers to it. */
export const sentFile = z.object({ fileId: z.string(), mediaType: z.string(), name: z.string() });
export type SentFile = z.infer<typeof sentFile>;

export interface Attachments {
  list(): readonly Attachment[];
  subscribe(listener: () => void): () => void;
  /** Begins to upload; answers, in words, what can't be attached. */
  add(files: readonly File[]): string[];
  /** A text too long to be read in a message becomes a file. */
  addText(text: string): void;
  retry(key: string): void;
  remove(key: string): void;
  /** Attaches what is on the server already, in the place of everything that was there. */
  replace(files: readonly SentFile[]): void;
  close(): void;
}

export interface AttachmentPorts {
  upload(
    file: File,
    mediaType: string,
    onProgress: (share: number) => void,
    signal: AbortSignal,
  ): Promise<{ id: string; media_type: string }>;
  /** Has the file at hand under its id, for this page and for the next one. */
  keep(fileId: string, file: File): void;
  explain(error: unknown): string;
  newKey(): string;
  load(): string | null;
  save(text: string | null): void;
}

/** More than this is no message any more. */
export const ATTACHMENTS_MAX = 20;
/** A paste longer than this stands in the way of what is said about it. */
export const PASTE_MAX_CHARACTERS = 4_000;

export function openAttachments(ports: AttachmentPorts): Attachments {
  const listeners = new Set<() => void>();
  const files = new Map<string, File>();
  const aborts = new Map<string, AbortController>();
  let attachments: readonly Attachment[] = readSaved(ports.load()).map((file) => readyFrom(file, ports.newKey()));
  let pastes = 0;

  function set(next: readonly Attachment[]): void {
    attachments = next;
    const ready = sentFiles(attachments);
    ports.save(ready.length === 0 ? null : JSON.stringify(ready));
    for (const listener of listeners) listener();
  }

  function change(key: string, changes: Partial<Attachment>): void {
    set(attachments.map((each) => (each.key === key ? { ...each, ...changes } : each)));
  }

  async function upload(key: string, file: File): Promise<void> {
    const abort = new AbortController();
    aborts.set(key, abort);
    change(key, { state: "uploading", progress: 0, failure: null });
    try {
      const arrived = await ports.upload(
        file,
        mediaTypeOf(file),
        (progress) => change(key, { progress }),
        abort.signal,
      );
      ports.keep(arrived.id, file);
      change(key, { state: "ready", progress: 1, fileId: arrived.id, mediaType: arrived.media_type });
    } catch (error) {
      if (!abort.signal.aborted) change(key, { state: "failed", failure: ports.explain(error) });
    } finally {
      if (aborts.get(key) === abort) aborts.delete(key);
    }
  }

  function begin(file: File, text: string | null): void {
    const key = ports.newKey();
    files.set(key, file);
    set([
      ...attachments,
      {
        key,
        name: file.name,
        mediaType: mediaTypeOf(file),
        state: "uploading",
        progress: 0,
        failure: null,
        fileId: null,
        text,
      },
    ]);
    void upload(key, file);
  }

  function forget(key: string): void {
    aborts.get(key)?.abort();
    aborts.delete(key);
    files.delete(key);
  }

  return {
    list: () => attachments,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add: (chosen) => {
      const refusals: string[] = [];
      for (const file of chosen) {
        const refusal =
          attachments.length >= ATTACHMENTS_MAX
            ? `A message takes ${ATTACHMENTS_MAX} files at most.`
            : refusalOf({ name: file.name, type: mediaTypeOf(file), size: file.size });
        if (refusal === null) begin(file, null);
        else if (!refusals.includes(refusal)) refusals.push(refusal);
      }
      return refusals;
    },
    addText: (text) => {
      pastes += 1;
      begin(new File([text], `pasted-text-${pastes}.txt`, { type: "text/plain" }), text);
    },
    retry: (key) => {
      const file = files.get(key);
      if (file !== undefined) void upload(key, file);
    },
    remove: (key) => {
      forget(key);
      set(attachments.filter((each) => each.key !== key));
    },
    replace: (sent) => {
      for (const { key } of attachments) forget(key);
      set(sent.map((file) => readyFrom(file, ports.newKey())));
    },
    close: () => {
      for (const { key } of attachments) forget(key);
      listeners.clear();
    },
  };
}

/** What has arrived, ready to be named in a message. */
export function sentFiles(attachments: readonly Attachment[]): SentFile[] {
  return attachments.flatMap(({ state, fileId, mediaType, name }) =>
    state === "ready" && fileId !== null ? [{ fileId, mediaType, name }] : [],
  );
}

function readyFrom(file: SentFile, key: string): Attachment {
  return { ...file, key, state: "ready", progress: 1, failure: null, text: null };
}

/** Why a file can't be attached, in one sentence; null when it can. */
export function refusalOf(file: { name: string; type: string; size: number }): string | null {
  const name = file.name === "" ? "This file" : file.name;
  if (file.size === 0) return `${name} is empty.`;
  if (!fileTypes.some((type) => type === file.type)) {
    return `${name} can't be attached: PNG, JPEG, GIF and WebP images and plain text files can.`;
  }
  if (file.size > FILE_MAX_BYTES) {
    const megabytes = (file.size / 1024 / 1024).toFixed(1);
    return `${name} has ${megabytes} MB; a file may have ${FILE_MAX_BYTES / 1024 / 1024} MB.`;
  }
  return null;
}

/** Browsers know few kinds of text by name; the ones that are taken are told by their endings. */
function mediaTypeOf(file: File): string {
  const declared = file.type.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (declared !== "" && (isImageType(declared) || fileTypes.some((type) => type === declared))) return declared;
  const ending = /\.([a-z0-9]+)$/i.exec(file.name)?.[1]?.toLowerCase() ?? "";
  return endings[ending] ?? declared;
}

const endings: Record<string, string> = {
  md: "text/markdown",
  markdown: "text/markdown",
  txt: "text/plain",
  log: "text/plain",
  csv: "text/csv",
  json: "application/json",
};

function readSaved(text: string | null): readonly SentFile[] {
  if (text === null) return [];
  try {
    const saved = z.array(sentFile).safeParse(JSON.parse(text));
    return saved.success ? saved.data : [];
  } catch {
    return []; // written by something else
  }
}
