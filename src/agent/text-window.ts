/** The last `units` UTF-16 units of a text; never begins in the middle of a character. */
export function lastUnits(text: string, units: number): string {
  if (text.length <= units) return text;
  const from = text.length - units;
  return text.slice(isLowSurrogate(text, from) ? from + 1 : from);
}

/** As much of the beginning as fits into `bytes` bytes of UTF-8, whole characters only. */
export function firstBytes(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text;
  const encoded = Buffer.from(text.slice(0, bytes));
  if (encoded.length <= bytes && text.length <= bytes) return text;
  let end = Math.min(bytes, encoded.length);
  while (end > 0 && isContinuation(encoded[end])) end--;
  return encoded.toString("utf8", 0, end);
}

/** As much of the end as fits into `bytes` bytes of UTF-8, whole characters only. */
export function lastBytes(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text;
  const encoded = Buffer.from(lastUnits(text, bytes));
  if (encoded.length <= bytes && text.length <= bytes) return text;
  let start = Math.max(0, encoded.length - bytes);
  while (start < encoded.length && isContinuation(encoded[start])) start++;
  return encoded.toString("utf8", start);
}

function isLowSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
