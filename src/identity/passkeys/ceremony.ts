import type { Context } from "hono";
import type { z } from "zod";
import type { AppEnv } from "../../access/router.ts";
import type {
  CreatePasskeyRequest,
  passkeyCreation,
  PasskeyLoginRequest,
  passkeyRequest,
} from "../../contract/sign-in.ts";
import { randomText } from "../../platform/ids.ts";
import { log } from "../../platform/log.ts";
import { ownOrigins, pageOrigin } from "../../platform/origin.ts";
import type { UserRow } from "../users.ts";
import type { PasskeyRow } from "./records.ts";

/*
 * WebAuthn level 3, as the relying party: what a browser is asked, and whether its answer is one. A passkey is more
 * than possession: the device asks for a finger, a face or a PIN, so one passkey is both factors.
 */

/** As long as browsers wait by themselves. */
export const CEREMONY_MS = 5 * 60_000;
/** WebAuthn, 13.4.3: at least 16 bytes. */
const CHALLENGE_BYTES = 32;
/** Ed25519, ES256, RS256 (Windows Hello): what authenticators offer. */
const ALGORITHMS = [-8, -7, -257];

export function newChallenge(): string {
  return randomText(CHALLENGE_BYTES);
}

/** What a browser needs to make a passkey for this person, and not where there is one of theirs already. */
export function creationOptions(
  c: Context<AppEnv>,
  row: UserRow,
  challenge: string,
  existing: readonly PasskeyRow[],
): z.infer<typeof passkeyCreation>["public_key"] {
  return {
    challenge,
    rp: { id: relyingParty(c), name: "Tideline" },
    user: { id: userHandle(row.id), name: row.email || row.username, displayName: row.name || row.username },
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
    timeout: CEREMONY_MS,
    // Which make an authenticator is of is nothing that we would decide by.
    attestation: "none",
    excludeCredentials: existing.map(({ credentialId, transports }) => ({
      type: "public-key",
      id: credentialId,
      transports,
    })),
    authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
  };
}

/** What a browser needs to let a person choose one of their passkeys. */
export function requestOptions(c: Context<AppEnv>, challenge: string): z.infer<typeof passkeyRequest>["public_key"] {
  return { challenge, rpId: relyingParty(c), timeout: CEREMONY_MS, userVerification: "required" };
}

/** The passkey that a browser has made, as it is stored; null when it is not as was asked for. */
export async function verifyCreation(
  c: Context<AppEnv>,
  credential: CreatePasskeyRequest["credential"],
  challenge: string,
): Promise<Pick<PasskeyRow, "credentialId" | "publicKey" | "counter" | "backedUp"> | null> {
  // Certificates of all makers come with it; nothing else of the Worker has to wait for that.
  const { verifyRegistrationResponse } = await import("@simplewebauthn/server");
  const verified = await verifyRegistrationResponse({
    response: { ...credential, clientExtensionResults: {} },
    expectedChallenge: challenge,
    expectedOrigin: ownOrigins(c.req.raw, c.env.ACCESS_URL),
    expectedRPID: relyingParty(c),
    requireUserVerification: true,
    supportedAlgorithmIDs: ALGORITHMS,
  }).catch(refusedBecause);
  if (verified === null || !verified.verified) return null;
  const { credential: made, credentialBackedUp } = verified.registrationInfo;
  return {
    credentialId: made.id,
    publicKey: Buffer.from(made.publicKey).toString("base64url"),
    counter: made.counter,
    backedUp: credentialBackedUp,
  };
}

/** The new state of a passkey that has signed the challenge; null when it has not. */
export async function verifyUse(
  c: Context<AppEnv>,
  passkey: PasskeyRow,
  credential: PasskeyLoginRequest["credential"],
  challenge: string,
): Promise<{ counter: number; backedUp: boolean } | null> {
  const { userHandle: handle, ...response } = credential.response;
  // Without a handle the browser does not know whose it is; with one, it must be this person's.
  if (handle != null && handle !== userHandle(passkey.userId)) return null;
  const { verifyAuthenticationResponse } = await import("@simplewebauthn/server");
  const verified = await verifyAuthenticationResponse({
    response: { ...credential, response, clientExtensionResults: {} },
    expectedChallenge: challenge,
    expectedOrigin: ownOrigins(c.req.raw, c.env.ACCESS_URL),
    expectedRPID: relyingParty(c),
    requireUserVerification: true,
    credential: {
      id: passkey.credentialId,
      publicKey: new Uint8Array(Buffer.from(passkey.publicKey, "base64url")),
      // It throws when the counter has not risen, except where it is always 0: then there are two of this passkey.
      counter: passkey.counter,
    },
  }).catch(refusedBecause);
  if (verified === null || !verified.verified) return null;
  const { newCounter, credentialBackedUp } = verified.authenticationInfo;
  return { counter: newCounter, backedUp: credentialBackedUp };
}

/** The verification throws at all that does not fit; why is for the log, and for nobody who tries things out. */
function refusedBecause(error: unknown): null {
  log.info("passkey_refused", { reason: error instanceof Error ? error.message : String(error) });
  return null;
}

/** Passkeys belong to the host name that people see. */
function relyingParty(c: Context<AppEnv>): string {
  return new URL(pageOrigin(c.req.raw, c.env.ACCESS_URL)).hostname;
}

/** How an authenticator names the person: their id, which says nothing about them. */
function userHandle(userId: string): string {
  return Buffer.from(userId).toString("base64url");
}
