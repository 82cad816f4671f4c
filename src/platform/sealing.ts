import { createHash, timingSafeEqual } from "node:crypto";

/** Says which scheme sealed a text, so that a later one can live beside it. */
const PREFIX = "v1.";
/** 96 bits, as NIST SP 800-38D recommends for random AES-GCM nonces. */
const NONCE_BYTES = 12;

/**
 * Encrypts a secret for storage: AES-256-GCM under a key derived from `SECRET_KEY`.
 * The same text sealed twice differs.
 */
export async function seal(text: string, secretKey: string): Promise<string> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const key = await sealingKey(secretKey);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, new TextEncoder().encode(text));
  return `${PREFIX}${toBase64(nonce)}.${toBase64(new Uint8Array(sealed))}`;
}

/** The text that `seal` was given. Throws when the text was altered or sealed under another key. */
export async function unseal(sealed: string, secretKey: string): Promise<string> {
  const [nonce, body] = sealed.startsWith(PREFIX) ? sealed.slice(PREFIX.length).split(".") : [];
  if (nonce === undefined || body === undefined) throw new Error("Not a sealed text");
  const key = await sealingKey(secretKey);
  const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv: fromBase64(nonce) }, key, fromBase64(body));
  return new TextDecoder().decode(text);
}

/** SHA-256 of a text in UTF-8, or of bytes; lower-case hex. */
export function sha256Hex(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Whether two texts are equal, in a time that says neither where they differ nor how long they are. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());
}

/** A key of its own for sealing, so that other uses of `SECRET_KEY` can never reveal it. */
async function sealingKey(secretKey: string): Promise<CryptoKey> {
  const encoder = new TextEncoder();
  const secret = await crypto.subtle.importKey("raw", encoder.encode(secretKey), "HKDF", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: encoder.encode("tideline sealing v1") },
    secret,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}

function toBase64(bytes: Uint8Array): string {
  // One call a byte: spreading a large array into String.fromCharCode overflows the stack.
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
