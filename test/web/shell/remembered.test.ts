import { afterEach, describe, expect, it, vi } from "vitest";
import { forgetUnsent, remember, remembered } from "../../../web/src/shell/remembered.ts";

/** What `localStorage` is: its keys are its own properties. */
function storageOf(entries: Record<string, string>, full = false): Record<string, unknown> {
  return Object.create(
    {
      getItem(this: Record<string, string>, key: string) {
        return Object.hasOwn(this, key) ? this[key] : null;
      },
      setItem(this: Record<string, string>, key: string, value: string) {
        if (full) throw new DOMException("full", "QuotaExceededError");
        this[key] = value;
      },
      removeItem(this: Record<string, string>, key: string) {
        delete this[key];
      },
    },
    Object.getOwnPropertyDescriptors(entries),
  );
}

afterEach(() => vi.unstubAllGlobals());

describe("remembered", () => {
  it("is kept between visits, and forgotten with null or nothing", () => {
    const storage = storageOf({});
    vi.stubGlobal("localStorage", storage);
    remember("model", "m1");
    remember("draft.1", "half a thou");
    expect(Object.keys(storage)).toEqual(["tideline.model", "tideline.draft.1"]);
    expect(remembered("model")).toBe("m1");
    remember("model", null);
    remember("draft.1", "");
    expect(Object.keys(storage)).toEqual([]);
    expect(remembered("model")).toBeNull();
  });

  it("lasts as long as the page where storage is full or switched off", () => {
    vi.stubGlobal("localStorage", storageOf({}, true));
    remember("sidebar", "closed");
    expect(remembered("sidebar")).toBe("closed");
    remember("sidebar", null);
    expect(remembered("sidebar")).toBeNull();
    vi.stubGlobal("localStorage", undefined);
    remember("sidebar", "open");
    expect(remembered("sidebar")).toBe("open");
    remember("sidebar", null);
  });
});

describe("forgetUnsent", () => {
  it("takes drafts and messages on their way, of every chat, and nothing else", () => {
    const kept = { "tideline.theme": "dark", "tideline.model": "m1", "draft.of another app": "x" };
    const storage = storageOf({ ...kept, "tideline.draft.new": "secret", "tideline.outgoing.7": "[]" });
    vi.stubGlobal("localStorage", storage);
    forgetUnsent();
    expect({ ...storage }).toEqual(kept);
  });

  it("reaches what storage did not take", () => {
    vi.stubGlobal("localStorage", storageOf({}, true));
    remember("draft.new", "secret");
    forgetUnsent();
    expect(remembered("draft.new")).toBeNull();
  });
});
