import { v7 } from "uuid";

/** A new id: UUIDv7, so rows made later sort later and index pages stay warm. */
export function newId(): string {
  return v7();
}

/** Random text of `bytes` bytes as base64url: for secrets and epochs. */
export function randomText(bytes: number): string {
  const raw = crypto.getRandomValues(new Uint8Array(bytes));
  return btoa(String.fromCharCode(...raw))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** The id of no row, where the API must show one. */
export const ZERO_ID = "00000000-0000-0000-0000-000000000000";
