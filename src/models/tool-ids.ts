export interface IdSanitiser {
  /** The id of the next call that we know as `ours`, unique in the prompt. */
  idFor(ours: string): string;
}

/** Ids of one prompt: providers take [A-Za-z0-9_-] only, and refuse one that stands for two calls. */
export function toolCallIds(): IdSanitiser {
  const taken = new Set<string>();
  return {
    idFor(ours) {
      const plain = ours.replace(/[^A-Za-z0-9_-]/g, "_") || "call";
      let id = plain;
      for (let suffix = 2; taken.has(id); suffix += 1) id = `${plain}_${suffix}`;
      taken.add(id);
      return id;
    },
  };
}
