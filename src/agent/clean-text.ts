// Everything below U+0020 but tab, line feed and carriage return, DEL, and the 8-bit controls.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;
const SEQUENCE_MAX = 4096; // No real sequence is longer; a lone "ESC ]" must not swallow the rest of the output.

type Place = "text" | "escape" | "intermediate" | "csi" | "string" | "string-escape";

/**
 * Takes terminal sequences (colours, cursor moves, titles, OSC 8 links, OSC 52 clipboard) and other control
 * characters out of a stream of text. A sequence may be cut anywhere between two pieces.
 */
export class TextCleaner {
  #place: Place = "text";
  #length = 0;

  clean(text: string): string {
    if (this.#place === "text" && !CONTROL.test(text)) return text;
    let kept = "";
    for (let at = 0; at < text.length; at++) {
      const character = text.charAt(at);
      if (this.#place !== "text" && ++this.#length > SEQUENCE_MAX) this.#place = "text";
      if (this.#place === "text") kept += this.#inText(character);
      else this.#inSequence(character);
    }
    return kept;
  }

  #inText(character: string): string {
    if (!CONTROL.test(character)) return character;
    if (character === "\u001b") this.#enter("escape");
    else if (character === "\u009b") this.#enter("csi");
    else if ("\u0090\u0098\u009d\u009e\u009f".includes(character)) this.#enter("string");
    return "";
  }

  #inSequence(character: string): void {
    // These end whatever was under way (ECMA-48): a sequence cut short must not eat what follows.
    if (character === "\u0018" || character === "\u001a") this.#place = "text";
    else if (this.#place === "string" || this.#place === "string-escape") this.#inString(character);
    else if (character === "\u001b") this.#enter("escape");
    else if (this.#place === "escape") this.#afterEscape(character);
    else if (this.#place === "csi" && character >= "\u0040" && character <= "\u007e") this.#place = "text";
    else if (this.#place === "intermediate" && character >= "\u0030" && character <= "\u007e") this.#place = "text";
  }

  #inString(character: string): void {
    if (character === "\u0007" || character === "\u009c") this.#place = "text";
    else if (this.#place === "string-escape" && character === "\\") this.#place = "text";
    else this.#place = character === "\u001b" ? "string-escape" : "string";
  }

  #afterEscape(character: string): void {
    if (character === "[") this.#place = "csi";
    else if ("]P_^X".includes(character)) this.#place = "string";
    else if (character >= "\u0020" && character <= "\u002f") this.#place = "intermediate";
    else this.#place = "text";
  }

  #enter(place: Place): void {
    this.#place = place;
    this.#length = 0;
  }
}
