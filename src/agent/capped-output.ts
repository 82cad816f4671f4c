import { TOOL_OUTPUT_MAX_BYTES } from "../contract/tools.ts";
import { firstBytes, lastBytes, lastUnits } from "./text-window.ts";

const HEAD_BYTES = TOOL_OUTPUT_MAX_BYTES / 2; // Half and half: the first error and the summary are both worth reading.
const MARK_BYTES = 64;

export interface RenderedOutput {
  output: string;
  truncated?: { original_bytes: number; retained_bytes: number; omitted_bytes: number; strategy: string };
}

/** Output as the model gets it: beginning and end of what may be endless, in bounded memory. */
export class CappedOutput {
  #head = "";
  #headBytes = 0;
  #tail = "";
  #bytes = 0;

  append(text: string): void {
    this.#bytes += Buffer.byteLength(text);
    let rest = text;
    if (this.#tail === "" && this.#headBytes < HEAD_BYTES) {
      const fits = firstBytes(text, HEAD_BYTES - this.#headBytes);
      this.#head += fits;
      this.#headBytes += Buffer.byteLength(fits);
      rest = text.slice(fits.length);
    }
    this.#tail += rest;
    if (this.#tail.length > 4 * TOOL_OUTPUT_MAX_BYTES) this.#tail = lastUnits(this.#tail, TOOL_OUTPUT_MAX_BYTES);
  }

  render(): RenderedOutput {
    if (this.#bytes <= TOOL_OUTPUT_MAX_BYTES) return { output: this.#head + this.#tail };
    const tail = lastBytes(this.#tail, TOOL_OUTPUT_MAX_BYTES - this.#headBytes - MARK_BYTES);
    const retained = this.#headBytes + Buffer.byteLength(tail);
    const omitted = this.#bytes - retained;
    return {
      output: `${this.#head}\n[… ${omitted} bytes left out …]\n${tail}`,
      truncated: {
        original_bytes: this.#bytes,
        retained_bytes: retained,
        omitted_bytes: omitted,
        strategy: "head_and_tail",
      },
    };
  }
}
