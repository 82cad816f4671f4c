import { eq, inArray, sql } from "drizzle-orm";
import type { Database } from "../platform/d1.ts";
import { countUses, refuseAbove } from "../platform/rate-limit.ts";
import { sha256Hex } from "../platform/sealing.ts";
import { rateCounters } from "./schema.ts";

const WINDOW_MS = 15 * 60_000;
/** Enough for a person who tries their three passwords with and without capitals; hopeless for guessing. */
const ATTEMPTS_PER_ACCOUNT_AND_ADDRESS = 10;
/** From everywhere together, still hopeless. So high, since who reaches it keeps the account's owner out as well. */
const ATTEMPTS_PER_ACCOUNT = 100;
/** An office behind one address signs in on a Monday morning; somebody who walks through accounts stands out. */
const ATTEMPTS_PER_ADDRESS = 100;

export interface LoginAttempt {
  /** Stands for the account, whether or not it exists. */
  account: string;
  address: string;
}

/**
 * Counts an attempt before its password is looked at, so that a hundred at once are a hundred.
 * Throws a 429 Problem with `Retry-After` when the account or the address has had its share. What an
 * address does beyond its own share is not counted for the account: one stranger must not lock it.
 */
export async function countLoginAttempt(db: Database, attempt: LoginAttempt, now: number): Promise<void> {
  const [pair, address] = await countUses(db, [pairKey(attempt), addressKey(attempt)], WINDOW_MS, now);
  refuseAbove(pair, ATTEMPTS_PER_ACCOUNT_AND_ADDRESS, now);
  refuseAbove(address, ATTEMPTS_PER_ADDRESS, now);
  const [account] = await countUses(db, [accountKey(attempt)], WINDOW_MS, now);
  refuseAbove(account, ATTEMPTS_PER_ACCOUNT, now);
}

/** A login that succeeded was no guess: here the account starts afresh, and the other counts get theirs back. */
export async function forgiveLoginAttempt(db: Database, attempt: LoginAttempt): Promise<void> {
  await db.batch([
    db.delete(rateCounters).where(eq(rateCounters.key, pairKey(attempt))),
    db
      .update(rateCounters)
      .set({ count: sql`max(${rateCounters.count} - 1, 0)` })
      .where(inArray(rateCounters.key, [accountKey(attempt), addressKey(attempt)])),
  ]);
}

/**
 * The address that a limit counts: Cloudflare names the client, and no client can forge it there. Of
 * IPv6 the first 64 bits, since a household has 2^64 addresses. Without the header all count as one.
 */
export function clientAddress(headers: Headers): string {
  const address = headers.get("cf-connecting-ip") ?? "";
  return address.includes(":") ? `${expandIpv6(address).slice(0, 4).join(":")}::/64` : address;
}

function expandIpv6(address: string): string[] {
  const [head = "", tail] = address.toLowerCase().split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0");
  return [...left, ...zeros, ...right];
}

/** Hashed, since people type passwords into the wrong field. */
function accountKey(attempt: LoginAttempt): string {
  return `account:${sha256Hex(attempt.account.toLowerCase())}`;
}

function pairKey(attempt: LoginAttempt): string {
  return `${accountKey(attempt)}:${attempt.address}`;
}

function addressKey(attempt: LoginAttempt): string {
  return `address:${attempt.address}`;
}
