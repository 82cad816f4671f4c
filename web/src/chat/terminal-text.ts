/**
 * What a terminal would show in the end, without colours: escape sequences are dropped, a carriage
 * return starts its line over (progress bars), a backspace takes one character back.
 */
export function terminalText(raw: string): string {
  // Most output has none of this, and it arrives many times a second.
  if (!hasControl.test(raw)) return raw;
  const text = raw.replace(escapes, "").replaceAll("\r\n", "\n");
  if (!text.includes("\r") && !text.includes("\b")) return text.replace(otherControls, "");
  return text.split("\n").map(overwrite).join("\n").replace(otherControls, "");
}

// Built from text so that the source itself holds no control characters.
const ESC = "\\u001b";
const BEL = "\\u0007";
const hasControl = new RegExp("[\\u0000-\\u0008\\u000b-\\u001f\\u007f\\u0080-\\u009f]");
const otherControls = new RegExp("[\\u0000-\\u0008\\u000b-\\u001f\\u007f\\u0080-\\u009f]", "g");
const escapes = new RegExp(
  [
    `${ESC}\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\|$)`, // OSC: titles and links
    `${ESC}[P^_X][^${ESC}]*(?:${ESC}\\\\|$)`, // DCS and its kin
    `(?:${ESC}\\[|\\u009b)[0-?]*[ -/]*(?:[@-~]|$)`, // CSI: colours and cursor
    `${ESC}[ -/]*(?:[0-~]|$)`, // two characters and charsets
  ].join("|"),
  "g",
);

function overwrite(line: string): string {
  const shown: string[] = [];
  let at = 0;
  for (const character of line) {
    if (character === "\r") at = 0;
    else if (character === "\b") at = Math.max(0, at - 1);
    else {
      shown[at] = character;
      at += 1;
    }
  }
  return shown.join("");
}
