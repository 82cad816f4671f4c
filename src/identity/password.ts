import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

interface ScryptCost {
  n: number;
  r: number;
  p: number;
}

/**
 * OWASP's parameters for scrypt in the variant with the least memory (16 MiB): an isolate has 128 MiB
 * for everything it serves at once. https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
const COST: ScryptCost = { n: 2 ** 14, r: 8, p: 5 };
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** Node's own limit (32 MiB) counts a little more than 128 × n × r; twice that is room enough. */
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;

export type DeriveKey = (password: string, salt: Buffer, cost: ScryptCost) => Promise<Buffer>;

const deriveWithScrypt: DeriveKey = (password, salt, cost) =>
  new Promise((resolve, reject) => {
    const options = { N: cost.n, r: cost.r, p: cost.p, maxmem: MAX_MEMORY_BYTES };
    // NFC, so that the same password typed on another system is the same bytes.
    scrypt(password.normalize("NFC"), salt, KEY_BYTES, options, (error, key) => (error ? reject(error) : resolve(key)));
  });

/** A password as it is stored: `scrypt$n$r$p$salt$key`, so that old hashes outlive a change of the cost. */
export async function hashPassword(password: string, derive: DeriveKey = deriveWithScrypt): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, COST);
  return ["scrypt", COST.n, COST.r, COST.p, salt.toString("base64"), key.toString("base64")].join("$");
}

/**
 * Whether a password fits a stored hash. Without a hash (no such user, no password) it costs the same
 * derivation and says no, so that the time taken does not tell which accounts exist.
 */
export async function verifyPassword(
  password: string,
  stored: string | null,
  derive: DeriveKey = deriveWithScrypt,
): Promise<boolean> {
  const hash = stored === null ? null : parseHash(stored);
  const key = await derive(password, hash?.salt ?? Buffer.alloc(SALT_BYTES), hash?.cost ?? COST);
  return hash !== null && key.length === hash.key.length && timingSafeEqual(key, hash.key);
}

function parseHash(stored: string): { cost: ScryptCost; salt: Buffer; key: Buffer } {
  const [scheme, n, r, p, salt, key] = stored.split("$");
  if (scheme !== "scrypt" || salt === undefined || key === undefined) throw new Error("Unknown password hash");
  return {
    cost: { n: Number(n), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, "base64"),
    key: Buffer.from(key, "base64"),
  };
}
