import type { CallOutput } from "../contract/workspace.ts";

/** What a live preview keeps; older output of a call waits in its result. */
const KEEP_CHARACTERS = 32 * 1024;

/**
 * Live output on its way to chats: one delivery a call at a time, so that order holds, and what comes
 * meanwhile is gathered. A chat that is slower than a command gets the newest end of the output;
 * offsets stay true.
 */
export class OutputLanes {
  readonly #waiting = new Map<string, CallOutput | null>();
  readonly #deliver: (output: CallOutput) => Promise<void>;

  constructor(deliver: (output: CallOutput) => Promise<void>) {
    this.#deliver = deliver;
  }

  /** Delivers, or joins what waits behind the delivery under way. Settles when the call's lane is empty. */
  async push(output: CallOutput): Promise<void> {
    const key = output.call_id;
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) {
      this.#waiting.set(key, waiting === null ? output : join(waiting, output));
      return;
    }
    let next: CallOutput | null = output;
    this.#waiting.set(key, null);
    try {
      while (next) {
        await this.#deliver(next);
        next = this.#waiting.get(key) ?? null;
        if (next) this.#waiting.set(key, null);
      }
    } finally {
      this.#waiting.delete(key);
    }
  }

  /** The result of the call is here: output that still waits would come too late to be of use. */
  drop(callId: string): void {
    if (this.#waiting.has(callId)) this.#waiting.set(callId, null);
  }
}

function join(waiting: CallOutput, output: CallOutput): CallOutput {
  // After a gap (the agent keeps only the end while it is cut off) the newer piece is the whole preview.
  const joins = output.offset === waiting.offset + waiting.text.length;
  const whole = joins ? { ...waiting, text: waiting.text + output.text } : output;
  let surplus = whole.text.length - KEEP_CHARACTERS;
  if (surplus > 0 && isLowSurrogate(whole.text.charCodeAt(surplus))) surplus++; // never half a character
  return surplus > 0 ? { ...whole, offset: whole.offset + surplus, text: whole.text.slice(surplus) } : whole;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
