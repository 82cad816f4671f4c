import { username } from "../../contract/identity.ts";
import type { OutsideIdentity } from "./identity.ts";

const LONGEST = 32;
/** So many people of one name get a number; the next gets something random. */
const NUMBERED = 20;

/**
 * User names for somebody new, the best first: as they call themselves at the provider, else as their address begins,
 * each also with numbers. All of them are user names by our rules.
 */
export function usernameCandidates(identity: Pick<OutsideIdentity, "login" | "email">, end: string): string[] {
  const login = identity.login.split("@")[0] ?? "";
  const bases = [login, identity.email.split("@")[0] ?? "", "user"].map(plainName).filter((name) => name !== "");
  const base = bases[0] ?? "user";
  const ends = end === "" ? ["", ...Array.from({ length: NUMBERED }, (_, index) => String(index + 2))] : [end];
  return ends
    .map((tail) => (tail === "" ? base : `${base.slice(0, LONGEST - tail.length - 1).replace(/[-_]+$/, "")}-${tail}`))
    .filter((name) => username.safeParse(name).success);
}

/** Only what a user name may consist of: accents go, anything else becomes a dash. */
function plainName(text: string): string {
  return text
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^A-Za-z0-9_-]+/g, "-")
    .slice(0, LONGEST)
    .replaceAll(/^[-_]+|[-_]+$/g, "");
}
