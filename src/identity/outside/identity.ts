import type { OutsideFailure, OutsideWay } from "../../contract/sign-in.ts";

/** Whom a provider says it has in front of it. */
export interface OutsideIdentity {
  way: OutsideWay;
  issuer: string;
  /** Never given to anybody else by this issuer. */
  subject: string;
  email: string;
  /** Whether the provider has checked that the address is the person's. */
  emailVerified: boolean;
  name: string;
  /** What the person calls themselves there: for a user name here. */
  login: string;
}

/** What a flow keeps between leaving for the provider and coming back. */
export interface FlowSecrets {
  redirectUri: string;
  state: string;
  nonce: string;
  verifier: string;
}

/** Why a sign-in through another site ends without one, in a word that a page has a sentence for. */
export class OutsideRefusal extends Error {
  readonly failure: OutsideFailure;

  constructor(failure: OutsideFailure, options: ErrorOptions = {}) {
    super(failure, options);
    this.name = "OutsideRefusal";
    this.failure = failure;
  }
}
