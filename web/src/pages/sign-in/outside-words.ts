import type { OutsideFailure, OutsideWay } from "../../../../src/contract/sign-in.ts";

/** What a provider is called in a sentence. */
export const outsideNames: Record<OutsideWay, string> = { github: "GitHub", oidc: "single sign-on" };

/** What went wrong on the way through another site, and what to do. */
export function outsideFailureWords(failure: OutsideFailure, way: OutsideWay): string {
  const name = outsideNames[way];
  switch (failure) {
    case "cancelled":
      return "You were not signed in: it was cancelled on the other side.";
    case "expired":
      return "That took too long, or was begun in another browser. Try again.";
    case "provider_failed":
      return `Signing in with ${name} did not work: the other side did not answer as it should. Try again; if it stays so, tell whoever runs this deployment.`;
    case "not_configured":
      return `Signing in with ${name} is not set up here.`;
    case "setup_first":
      return "This deployment has no owner yet. Set it up first.";
    case "suspended":
      return "This account is suspended. Ask an owner of this deployment.";
    case "signups_off":
      return "There is no account for you here yet. Ask whoever runs this deployment for one.";
    case "email_unverified":
      return "Your e-mail address is not confirmed on the other side. Confirm it there, then try again.";
    case "email_domain":
      return "Your e-mail address is not of a domain that is let in here.";
    case "not_in_organization":
      return "You are not a member of a GitHub organisation that is let in here.";
    case "uses_password":
      return `There is an account with your address that signs in with a password. Sign in with it; then you can link ${name} in Settings → Security.`;
    case "uses_other_way":
      return "There is an account with your address that signs in another way. Use that way.";
    case "already_linked":
      return "That account is in use already and linked to somebody else. If it is yours, sign in the way you did before.";
    case "too_many":
      return "Too many people tried this from where you are. Wait a few minutes and try again.";
    case "signed_out":
      return "You are not signed in any more, so nothing was linked. Sign in and try again.";
  }
}
