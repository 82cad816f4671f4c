import { describe, expect, it } from "vitest";
import { FILE_MAX_BYTES } from "../../../src/contract/files.ts";
import {
  ATTACHMENTS_MAX,
  openAttachments,
  refusalOf,
  sentFiles,
  type AttachmentPorts,
} from "../../../web/src/chat/attachments/attachments.ts";

function start(saved: string | null = null) {
  const uploads: {
    file: File;
    mediaType: string;
    progress: (share: number) => void;
    signal: AbortSignal;
    arrive: (answer: { id: string; media_type: string }) => void;
    fail: (error: Error) => void;
  }[] = [];
  const kept: string[] = [];
  let stored = saved;
  let keys = 0;
  const ports: AttachmentPorts = {
    upload: (file, mediaType, progress, signal) =>
      new Promise((arrive, fail) => {
        uploads.push({ file, mediaType, progress, signal, arrive, fail });
        signal.addEventListener("abort", () => fail(new Error("Given up.")));
      }),
    keep: (fileId) => kept.push(fileId),
    explain: (error) => (error instanceof Error ? error.message : "?"),
    newKey: () => `key-${(keys += 1)}`,
    load: () => stored,
    save: (text) => {
      stored = text;
    },
  };
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  return { store: openAttachments(ports), uploads, kept, settle, stored: () => stored };
}
const png = (name = "a.png") => new File(["bytes"], name, { type: "image/png" });

describe("attachments", () => {
  it("are uploaded at once, one by one, and named once they have arrived", async () => {
    const of = start();
    expect(of.store.add([png(), new File(["# hi"], "notes.md")])).toEqual([]);
    expect(of.uploads.map(({ mediaType }) => mediaType)).toEqual(["image/png", "text/markdown"]);
    of.uploads[0]?.progress(0.5);
    expect(of.store.list()[0]).toMatchObject({ state: "uploading", progress: 0.5, fileId: null });
    expect(sentFiles(of.store.list())).toEqual([]);
    of.uploads[0]?.arrive({ id: "f1", media_type: "image/png" });
    await of.settle();
    expect(of.kept).toEqual(["f1"]);
    expect(sentFiles(of.store.list())).toEqual([{ fileId: "f1", mediaType: "image/png", name: "a.png" }]);
  });

  it("say why one failed, and try it again with the same bytes", async () => {
    const of = start();
    of.store.add([png()]);
    of.uploads[0]?.fail(new Error("No connection."));
    await of.settle();
    expect(of.store.list()).toMatchObject([{ state: "failed", failure: "No connection." }]);
    of.store.retry("key-1");
    expect(of.uploads[1]?.file).toBe(of.uploads[0]?.file);
    of.uploads[1]?.arrive({ id: "f1", media_type: "image/png" });
    await of.settle();
    expect(of.store.list()).toMatchObject([{ state: "ready", failure: null }]);
  });

  it("give up the upload of one that is taken away", async () => {
    const of = start();
    of.store.add([png()]);
    of.store.remove("key-1");
    await of.settle();
    expect(of.uploads[0]?.signal.aborted).toBe(true);
    expect(of.store.list()).toEqual([]);
  });

  it("are there after a reload as far as they had arrived", async () => {
    const of = start();
    of.store.add([png(), png("b.png")]);
    of.uploads[1]?.arrive({ id: "f2", media_type: "image/png" });
    await of.settle();
    const later = start(of.stored());
    expect(sentFiles(later.store.list())).toEqual([{ fileId: "f2", mediaType: "image/png", name: "b.png" }]);
    later.store.replace([]);
    expect(later.stored()).toBeNull();
    expect(start("not json").store.list()).toEqual([]);
  });

  it("turn a long paste into a text file that can go back", () => {
    const of = start();
    of.store.addText("long".repeat(2_000));
    of.store.addText("other");
    expect(of.store.list()).toMatchObject([
      { name: "pasted-text-1.txt", mediaType: "text/plain", text: "long".repeat(2_000) },
      { name: "pasted-text-2.txt" },
    ]);
  });

  it("refuse what a message does not take, each in a sentence", () => {
    expect(refusalOf({ name: "a.png", type: "image/png", size: 1 })).toBeNull();
    expect(refusalOf({ name: "a.svg", type: "image/svg+xml", size: 1 })).toContain("a.svg can't be attached");
    expect(refusalOf({ name: "a.png", type: "image/png", size: 0 })).toBe("a.png is empty.");
    expect(refusalOf({ name: "a.png", type: "image/png", size: FILE_MAX_BYTES + 1 })).toContain("10 MB");
    const of = start();
    const many = Array.from({ length: ATTACHMENTS_MAX + 2 }, () => png());
    expect(of.store.add(many)).toEqual([`A message takes ${ATTACHMENTS_MAX} files at most.`]);
    expect(of.store.list()).toHaveLength(ATTACHMENTS_MAX);
  });
});
