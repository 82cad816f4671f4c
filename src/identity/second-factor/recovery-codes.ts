import { randomBytes } from "node:crypto";
import { sha256Hex } from "../../platform/sealing.ts";
import { toBase32 } from "./totp.ts";

const CODES = 10;
/** 50 bits a code: with five tries before the lock nobody guesses one. Ten letters and digits, so never like a code of the app. */
const LETTERS = 10;
const BYTES = 7;

/** New codes as people write them down, in two halves. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: CODES }, () => {
    const letters = toBase32(randomBytes(BYTES)).slice(0, LETTERS).toLowerCase();
    return `${letters.slice(0, LETTERS / 2)}-${letters.slice(LETTERS / 2)}`;
  });
}

/** A code of either kind without what people put between its parts. */
export function plainCode(typed: string): string {
  return typed.replaceAll(/[\s-]/g, "").toLowerCase();
}

/** How a recovery code is kept. */
export function recoveryCodeHash(code: string): string {
  return sha256Hex(plainCode(code));
}
