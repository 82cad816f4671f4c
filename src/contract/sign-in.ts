import { z } from "zod";
import { id, oneLine, timestamp } from "./common.ts";
import { loginTypes } from "./identity.ts";

/** Accounts elsewhere that people may sign in with. */
export const outsideWays = ["oidc", "github"] as const;
export type OutsideWay = (typeof outsideWays)[number];

/** `GET /api/v2/users/auth-methods`: the ways to sign in here. Needs no login. */
export const authMethods = z
  .object({
    password: z.object({ enabled: z.boolean() }),
    passkey: z.object({ enabled: z.boolean() }),
    github: z.object({ enabled: z.boolean() }),
    oidc: z.object({
      enabled: z.boolean(),
      /** What the button says. */
      sign_in_text: z.string(),
    }),
  })
  .meta({ id: "AuthMethods" });
export type AuthMethods = z.infer<typeof authMethods>;

/**
 * Why a way through another site did not end signed in: the `failure` in the address of the page that it
 * leads back to. A page says each in its own words, so that no address can put words into its mouth.
 */
export const outsideFailures = [
  /** The provider was not asked, or the person said no there. */
  "cancelled",
  /** Begun too long ago, in another browser, or used already. */
  "expired",
  /** The provider did not answer, or not as it should. */
  "provider_failed",
  /** Not set up by whoever runs this deployment. */
  "not_configured",
  /** Nobody has made the owner's account yet. */
  "setup_first",
  "suspended",
  /** Nobody here has this account, and new people are not let in this way. */
  "signups_off",
  /** The provider gave no address, or one that it has not checked. */
  "email_unverified",
  /** The address is not of a domain that is let in. */
  "email_domain",
  /** Not a member of a GitHub organisation that is let in. */
  "not_in_organization",
  /** Somebody here has this address and signs in with a password. */
  "uses_password",
  /** Somebody here has this address and signs in in another way. */
  "uses_other_way",
  /** That account is linked to somebody else here, or whoever has its address here has been here already. */
  "already_linked",
  /** Whoever began to link is not signed in any more. */
  "signed_out",
  /** Tried too often from one address. */
  "too_many",
] as const;
export type OutsideFailure = (typeof outsideFailures)[number];

/** `POST /api/v2/users/me/outside-accounts/{way}`: where to go to link it. */
export const linkOutsideResponse = z.object({ url: z.url() }).meta({ id: "LinkOutsideResponse" });

export const outsideAccount = z
  .object({
    id,
    way: z.enum(outsideWays),
    issuer: z.string(),
    /** The person's address or name there. */
    label: z.string(),
    created_at: timestamp,
    last_used_at: timestamp,
  })
  .meta({ id: "OutsideAccount" });
export type OutsideAccount = z.infer<typeof outsideAccount>;

/** What shows that whoever asks is the person and not only their browser, before ways to sign in change. */
export const confirmations = ["none", "password", "sign_in"] as const;

/** `GET /api/v2/users/{user}/sign-in-methods`. */
export const signInMethods = z
  .object({
    login_type: z.enum(loginTypes),
    has_password: z.boolean(),
    passkey_count: z.int(),
    second_factor: z
      .object({ created_at: timestamp, recovery_codes_left: z.int() })
      .nullable()
      .meta({ description: "Asked for after the password; null when it is off." }),
    outside_accounts: z.array(outsideAccount),
    confirmation: z.enum(confirmations).meta({
      description:
        "What the next change of these needs: nothing, the password, or a new sign-in. Nothing is needed for some minutes after signing in.",
    }),
  })
  .meta({ id: "SignInMethods" });
export type SignInMethods = z.infer<typeof signInMethods>;

/** The body of what changes ways to sign in. */
export const confirmedRequest = z
  .object({ password: z.string().min(1).max(200).optional() })
  .meta({ id: "ConfirmedRequest" });

/** A code of an authenticator app, or a recovery code; spaces and dashes do not matter. */
const code = z.string().trim().min(6, { error: "Enter the code." }).max(40, { error: "That is too long for a code." });
export const secondFactorCode = z.object({ code }).meta({ id: "SecondFactorCode" });

/** 202 of `POST /api/v2/users/login`: the password is right, and a code is wanted too. */
export const secondFactorNeeded = z
  .object({
    second_factor: z.object({
      /** For `POST /users/login/second-factor`: good for a few minutes, and once. */
      ticket: z.string(),
      expires_at: timestamp,
      methods: z.array(z.enum(["totp", "recovery_code"])),
    }),
  })
  .meta({ id: "SecondFactorNeeded" });

const ticket = z.string().min(1).max(2_000);

/** `POST /api/v2/users/login/second-factor`. */
export const secondFactorLoginRequest = z.object({ ticket, code }).meta({ id: "SecondFactorLoginRequest" });

/** `POST /api/v2/users/{user}/second-factor`: what the app scans. Nothing is on until a code confirms it. */
export const secondFactorOffer = z
  .object({ ticket: z.string(), secret: z.string(), url: z.string().meta({ description: "An otpauth:// address." }) })
  .meta({ id: "SecondFactorOffer" });
export type SecondFactorOffer = z.infer<typeof secondFactorOffer>;
export const confirmSecondFactorRequest = z.object({ ticket, code }).meta({ id: "ConfirmSecondFactorRequest" });
/** Shown this once. */
export const newRecoveryCodes = z.object({ recovery_codes: z.array(z.string()) }).meta({ id: "RecoveryCodes" });

export const passkey = z
  .object({
    id,
    name: z.string(),
    /** Whether it is kept in more than one place, such as a password manager. */
    backed_up: z.boolean(),
    created_at: timestamp,
    last_used_at: timestamp.nullable(),
  })
  .meta({ id: "Passkey" });
export type Passkey = z.infer<typeof passkey>;

const passkeyName = oneLine(64).min(1, { error: "Give it a name." });
export const renamePasskeyRequest = z.object({ name: passkeyName }).meta({ id: "RenamePasskeyRequest" });

/** What WebAuthn exchanges is binary in base64url. */
const binary = z.base64url().max(20_000);
const descriptor = z.object({ type: z.literal("public-key"), id: z.string(), transports: z.array(z.string()) });

/** WebAuthn's `PublicKeyCredentialCreationOptionsJSON`, as far as it is used. */
export const passkeyCreation = z
  .object({
    ticket: z.string(),
    public_key: z.object({
      challenge: z.string(),
      rp: z.object({ id: z.string(), name: z.string() }),
      user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
      pubKeyCredParams: z.array(z.object({ type: z.literal("public-key"), alg: z.int() })),
      timeout: z.int(),
      attestation: z.literal("none"),
      excludeCredentials: z.array(descriptor),
      authenticatorSelection: z.object({
        residentKey: z.literal("required"),
        requireResidentKey: z.literal(true),
        userVerification: z.literal("required"),
      }),
    }),
  })
  .meta({ id: "PasskeyCreation" });

/** WebAuthn's `PublicKeyCredentialRequestOptionsJSON`, as far as it is used. */
export const passkeyRequest = z
  .object({
    ticket: z.string(),
    public_key: z.object({
      challenge: z.string(),
      rpId: z.string(),
      timeout: z.int(),
      userVerification: z.literal("required"),
    }),
  })
  .meta({ id: "PasskeyRequest" });

/** `POST /api/v2/users/{user}/passkeys`. */
export const createPasskeyRequest = z
  .object({
    ticket,
    name: passkeyName,
    credential: z.object({
      id: binary,
      rawId: binary,
      type: z.literal("public-key"),
      response: z.object({
        clientDataJSON: binary,
        attestationObject: binary,
        transports: z.array(z.string().max(40)).max(10).optional(),
      }),
    }),
  })
  .meta({ id: "CreatePasskeyRequest" });
export type CreatePasskeyRequest = z.infer<typeof createPasskeyRequest>;

/** `POST /api/v2/users/login/passkey`. */
export const passkeyLoginRequest = z
  .object({
    ticket,
    credential: z.object({
      id: binary,
      rawId: binary,
      type: z.literal("public-key"),
      response: z.object({
        clientDataJSON: binary,
        authenticatorData: binary,
        signature: binary,
        userHandle: binary.nullish(),
      }),
    }),
  })
  .meta({ id: "PasskeyLoginRequest" });
export type PasskeyLoginRequest = z.infer<typeof passkeyLoginRequest>;
