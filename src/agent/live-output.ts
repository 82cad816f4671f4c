import { TOOL_OUTPUT_MAX_BYTES } from "../contract/tools.ts";
import { lastUnits } from "./text-window.ts";

/**
 * Output of a running call on its way to the people who watch. What cannot be sent in time falls away from
 * the front, so a flood or a lost connection costs no memory; offsets still count everything.
 */
export class LiveOutput {
  #text = "";
  /** UTF-16 units before `#text`. */
  #offset = 0;

  append(text: string): void {
    const whole = this.#text + text;
    this.#text = lastUnits(whole, TOOL_OUTPUT_MAX_BYTES);
    this.#offset += whole.length - this.#text.length;
  }

  /** Offers what waits, if anything; it stays when `send` answers false. */
  sendTo(send: (piece: { offset: number; text: string }) => boolean): void {
    if (this.#text === "" || !send({ offset: this.#offset, text: this.#text })) return;
    this.#offset += this.#text.length;
    this.#text = "";
  }
}
