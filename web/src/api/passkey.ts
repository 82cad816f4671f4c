import type { z } from "zod";
import { createPasskeyRequest, passkeyLoginRequest } from "../../../src/contract/sign-in.ts";
import type {
  CreatePasskeyRequest,
  passkeyCreation,
  PasskeyLoginRequest,
  passkeyRequest,
} from "../../../src/contract/sign-in.ts";
import { ApiError } from "./error.ts";

/** Whether this browser can do passkeys here: they belong to names, never to numbers. */
export function passkeysWork(): boolean {
  return (
    window.isSecureContext &&
    !/^[\d.]+$|^\[/.test(location.hostname) &&
    typeof PublicKeyCredential !== "undefined" &&
    typeof PublicKeyCredential.parseCreationOptionsFromJSON === "function"
  );
}

/** Lets the person make a passkey on a device of theirs. */
export async function makePasskey(
  options: z.infer<typeof passkeyCreation>["public_key"],
): Promise<CreatePasskeyRequest["credential"]> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const made = await navigator.credentials.create({ publicKey }).catch(inWords);
  return createPasskeyRequest.shape.credential.parse(jsonOf(made));
}

/** Lets the person choose one of their passkeys and sign with it. */
export async function choosePasskey(
  options: z.infer<typeof passkeyRequest>["public_key"],
): Promise<PasskeyLoginRequest["credential"]> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const used = await navigator.credentials.get({ publicKey }).catch(inWords);
  return passkeyLoginRequest.shape.credential.parse(jsonOf(used));
}

function jsonOf(credential: Credential | null): unknown {
  if (credential instanceof PublicKeyCredential) return credential.toJSON();
  throw new ApiError(0, "The browser gave no passkey.", { detail: "Try again, or another browser." });
}

/** Browsers say little on purpose; what a person can do about it is said here. */
function inWords(error: unknown): never {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "InvalidStateError") {
    throw new ApiError(0, "You have a passkey of this device here already.", { detail: "Use that one.", cause: error });
  }
  if (name === "NotAllowedError" || name === "AbortError") {
    throw new ApiError(0, "No passkey was used.", { detail: "You cancelled, or it took too long.", cause: error });
  }
  throw new ApiError(0, "This browser could not do that.", {
    detail: "Try another one, or sign in another way.",
    cause: error,
  });
}
