import { createHash } from "node:crypto";
import type { z } from "zod";
import type {
  CreatePasskeyRequest,
  passkeyCreation,
  PasskeyLoginRequest,
  passkeyRequest,
} from "../../src/contract/sign-in.ts";

const FLAG_PRESENT = 0x01;
const FLAG_VERIFIED = 0x04;
const FLAG_ATTESTED = 0x40;

interface Ceremony {
  /** The page's own, whatever the options say. */
  origin: string;
  /** Whether the device asked for a finger, a face or a PIN. */
  verifies?: boolean;
}

/** An authenticator in software that makes passkeys and signs with them as WebAuthn says: ES256, no attestation. */
export class SoftAuthenticator {
  /** How often it was used; set it back to be a copy of itself. */
  counter = 0;
  readonly #id = crypto.getRandomValues(new Uint8Array(32));
  #keys: CryptoKeyPair | null = null;
  #userHandle = "";

  get credentialId(): string {
    return base64url(this.#id);
  }

  async create(
    options: z.infer<typeof passkeyCreation>["public_key"],
    { origin, verifies = true }: Ceremony,
  ): Promise<CreatePasskeyRequest["credential"]> {
    const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
    if (!("privateKey" in keys)) throw new Error("Not a pair of keys");
    this.#keys = keys;
    this.#userHandle = options.user.id;
    const point = new Uint8Array((await crypto.subtle.exportKey("raw", keys.publicKey)) as ArrayBuffer);
    const publicKey = cborMap([
      [cborInt(1), cborInt(2)],
      [cborInt(3), cborInt(-7)],
      [cborInt(-1), cborInt(1)],
      [cborInt(-2), cborBytes(point.slice(1, 33))],
      [cborInt(-3), cborBytes(point.slice(33, 65))],
    ]);
    const flags = FLAG_PRESENT | FLAG_ATTESTED | (verifies ? FLAG_VERIFIED : 0);
    const aaguid = new Uint8Array(16);
    const attested = join(aaguid, new Uint8Array([0, this.#id.length]), this.#id, publicKey);
    const attestationObject = cborMap([
      [cborText("fmt"), cborText("none")],
      [cborText("attStmt"), cborMap([])],
      [cborText("authData"), cborBytes(join(this.#head(options.rp.id, flags), attested))],
    ]);
    return {
      ...this.#named(),
      response: {
        clientDataJSON: clientData("webauthn.create", options.challenge, origin),
        attestationObject: base64url(attestationObject),
        transports: ["internal"],
      },
    };
  }

  async sign(
    options: z.infer<typeof passkeyRequest>["public_key"],
    { origin, verifies = true }: Ceremony,
  ): Promise<PasskeyLoginRequest["credential"]> {
    if (this.#keys === null) throw new Error("It has made no passkey");
    this.counter += 1;
    const data = this.#head(options.rpId, FLAG_PRESENT | (verifies ? FLAG_VERIFIED : 0));
    const clientDataJSON = clientData("webauthn.get", options.challenge, origin);
    const hash = createHash("sha256").update(Buffer.from(clientDataJSON, "base64url")).digest();
    const algorithm = { name: "ECDSA", hash: "SHA-256" };
    const raw = new Uint8Array(await crypto.subtle.sign(algorithm, this.#keys.privateKey, join(data, hash)));
    return {
      ...this.#named(),
      response: {
        clientDataJSON,
        authenticatorData: base64url(data),
        signature: base64url(derSignature(raw)),
        userHandle: this.#userHandle,
      },
    };
  }

  #named() {
    return { id: this.credentialId, rawId: this.credentialId, type: "public-key" as const };
  }

  #head(relyingParty: string, flags: number): Uint8Array {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.counter);
    return join(createHash("sha256").update(relyingParty).digest(), new Uint8Array([flags]), counter);
  }
}

function clientData(type: string, challenge: string, origin: string): string {
  return base64url(Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false })));
}

/** WebCrypto says r and s one after the other; WebAuthn wants them as two integers in DER. */
function derSignature(raw: Uint8Array): Uint8Array {
  const integer = (bytes: Uint8Array) => {
    const short = bytes.slice(bytes.findIndex((byte) => byte !== 0));
    const positive = (short[0] ?? 0) & 0x80 ? join(new Uint8Array([0]), short) : short;
    return join(new Uint8Array([2, positive.length]), positive);
  };
  const both = join(integer(raw.slice(0, 32)), integer(raw.slice(32)));
  return join(new Uint8Array([0x30, both.length]), both);
}

function cborHead(major: number, value: number): Uint8Array {
  if (value < 24) return new Uint8Array([(major << 5) | value]);
  if (value < 256) return new Uint8Array([(major << 5) | 24, value]);
  return new Uint8Array([(major << 5) | 25, value >> 8, value & 255]);
}

const cborInt = (value: number) => (value < 0 ? cborHead(1, -1 - value) : cborHead(0, value));
const cborBytes = (bytes: Uint8Array) => join(cborHead(2, bytes.length), bytes);
const cborText = (text: string) => join(cborHead(3, text.length), new TextEncoder().encode(text));
const cborMap = (pairs: [Uint8Array, Uint8Array][]) => join(cborHead(5, pairs.length), ...pairs.flat());

function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts));
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
