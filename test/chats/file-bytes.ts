const bytes = (...values: number[]) => new Uint8Array(values);
const ascii = (text: string) => new TextEncoder().encode(text);

/** The smallest beginnings by which files are known. */
export const PNG = bytes(0x89, ...ascii("PNG\r\n"), 0x1a, 0x0a, 1, 2, 3);
export const JPEG = bytes(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3);
export const GIF = bytes(...ascii("GIF89a"), 1, 2, 3);
export const WEBP = bytes(...ascii("RIFF"), 4, 0, 0, 0, ...ascii("WEBPVP8 "));
