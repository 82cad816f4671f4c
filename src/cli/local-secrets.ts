import { randomBytes } from "node:crypto";
import { parseEnv } from "node:util";
import { readIfThere, writePrivateFile } from "./private-file.ts";

const made = {
  /** 32 bytes: what AES-256 wants. */
  SECRET_KEY: () => randomBytes(32).toString("base64url"),
  SETUP_TOKEN: () => randomBytes(24).toString("base64url"),
};

/** A secret of its kind that nobody has seen before. */
export function makeSecret(name: keyof typeof made): string {
  return made[name]();
}

/** The text of a `.dev.vars` file with the secrets that it lacks; what is there stays as it is. */
export function completeSecrets(text: string | null): string {
  const present = parseEnv(text ?? "");
  const missing = (["SECRET_KEY", "SETUP_TOKEN"] as const).filter((name) => !present[name]);
  if (text !== null && missing.length === 0) return text;
  const head = text ?? "# Made by `npm start` for this machine alone. Provider keys may stand here too; see README.\n";
  const gap = head === "" || head.endsWith("\n") ? "" : "\n";
  return head + gap + missing.map((name) => `${name}=${makeSecret(name)}\n`).join("");
}

/** Makes what is missing in the secrets file and answers all of its values. */
export function ensureSecrets(path: string): Record<string, string> {
  const before = readIfThere(path);
  const after = completeSecrets(before);
  if (after !== before) writePrivateFile(path, after);
  return definedValues(parseEnv(after));
}

function definedValues(values: NodeJS.Dict<string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
