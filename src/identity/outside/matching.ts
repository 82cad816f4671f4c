import type { OutsideFailure } from "../../contract/sign-in.ts";
import type { UserRow } from "../users.ts";
import type { OutsideIdentity } from "./identity.ts";

/** What is known here about somebody who comes from a provider. */
export interface Known {
  /** The account that this very person there is linked to. */
  linked: Pick<UserRow, "id" | "status"> | undefined;
  /** The account that has their address, and whether somebody is or was in it: it is linked, or was signed in to. */
  sameEmail: (Pick<UserRow, "id" | "status" | "loginType"> & { isTaken: boolean }) | undefined;
}

interface Rules {
  allowSignups: boolean;
  /** In lower case; none = all. */
  emailDomains: readonly string[];
}

export type Verdict =
  | { verdict: "sign_in"; userId: string }
  /** Link it to this account, which was made to be signed in to this way. */
  | { verdict: "adopt"; userId: string }
  | { verdict: "create" }
  | { verdict: "refuse"; failure: OutsideFailure };

/**
 * Who somebody from a provider is here. The rule: the link decides, and nothing else; an address only finds an account
 * that was made to be signed in to this way and that nobody has been in yet, when the provider has checked the address.
 * So nobody comes into an account of somebody else by claiming its address; and nobody is lured into one whose owner
 * has given it their address and still holds a key.
 */
export function judge(identity: OutsideIdentity, known: Known, rules: Rules): Verdict {
  const hasAddress = identity.email !== "" && identity.emailVerified;
  const domain = identity.email.slice(identity.email.lastIndexOf("@") + 1).toLowerCase();
  if (rules.emailDomains.length > 0 && !(hasAddress && rules.emailDomains.includes(domain))) {
    return refuse("email_domain");
  }
  const { linked, sameEmail } = known;
  if (linked !== undefined) {
    return linked.status === "suspended" ? refuse("suspended") : { verdict: "sign_in", userId: linked.id };
  }
  if (!hasAddress) return refuse("email_unverified");
  if (sameEmail !== undefined) {
    if (sameEmail.loginType === "password") return refuse("uses_password");
    if (sameEmail.loginType !== identity.way) return refuse("uses_other_way");
    if (sameEmail.isTaken) return refuse("already_linked");
    return sameEmail.status === "suspended" ? refuse("suspended") : { verdict: "adopt", userId: sameEmail.id };
  }
  return rules.allowSignups ? { verdict: "create" } : refuse("signups_off");
}

function refuse(failure: OutsideFailure): Verdict {
  return { verdict: "refuse", failure };
}
