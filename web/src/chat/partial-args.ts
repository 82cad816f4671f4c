/**
 * The string `field` of a JSON object of which only the beginning has arrived, as far as it is
 * known; null while it has not begun. For showing a call while the model still writes it.
 */
export function partialString(json: string, field: string): string | null {
  const found = new RegExp(`"${field}"\\s*:\\s*"((?:[^"\\\\]|\\\\.)*)`, "s").exec(json);
  const raw = found?.[1];
  if (raw === undefined) return null;
  // A cut may fall inside an escape: \u12 is not complete yet.
  const whole = raw.replace(/\\u[0-9a-fA-F]{0,3}$/, "");
  try {
    const value: unknown = JSON.parse(
      `"${whole.replaceAll("\n", "\\n").replaceAll("\t", "\\t").replaceAll("\r", "\\r")}"`,
    );
    return typeof value === "string" ? value : null;
  } catch {
    return null; // not JSON as we know it: then there is nothing to show yet
  }
}
