import { useEffect, useState, useSyncExternalStore } from "react";
import { toast } from "../../ui/toaster.tsx";
import { failureWords } from "../outgoing.ts";
import { remember, remembered } from "../storage.ts";
import { openAttachments, type Attachment, type Attachments } from "./attachments.ts";
import { keepFile, uploadFile } from "./file-store.ts";

export interface ComposerFiles {
  readonly list: readonly Attachment[];
  /** Chosen, pasted or dropped; what can't be attached is said. */
  add(files: readonly File[]): void;
  readonly store: Attachments;
}

/** Attachments of what is being written; with a place they are kept there across reloads. */
export function useAttachments(place: string | null): ComposerFiles {
  const [store, setStore] = useState(() => open(place));
  useEffect(() => {
    // Strict mode unmounts once for practice; a store that was closed is no use.
    const opened = open(place);
    setStore(opened);
    return () => opened.close();
  }, [place]);
  const list = useSyncExternalStore(store.subscribe, store.list);
  return {
    list,
    store,
    add: (files) => {
      for (const refusal of store.add(files)) toast.error("Not attached", { description: refusal });
    },
  };
}

function open(place: string | null): Attachments {
  const name = place === null ? null : `attachments.${place}`;
  return openAttachments({
    upload: uploadFile,
    keep: keepFile,
    explain: failureWords,
    newKey: () => crypto.randomUUID(),
    load: () => (name === null ? null : remembered(name)),
    save: (text) => {
      if (name !== null) remember(name, text);
    },
  });
}
