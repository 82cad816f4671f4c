import type { ExternalAuthFailure } from "../../../../src/contract/external-auth.ts";

/** What went wrong on the way to a service and back, and what to do. */
export function connectFailureWords(failure: ExternalAuthFailure, name: string): string {
  switch (failure) {
    case "cancelled":
      return `${name} was not connected: it was cancelled there.`;
    case "expired":
      return "That took too long, or was begun in another browser. Try again.";
    case "provider_failed":
      return `${name} did not answer as it should, so nothing was connected. Try again; if it stays so, tell whoever runs this deployment.`;
    case "not_configured":
      return `${name} cannot be connected here: it is not set up.`;
    case "signed_out":
      return "Somebody else is signed in here now, or nobody, so nothing was connected. Try again.";
    case "too_many":
      return "You have tried this too often. Wait a few minutes and try again.";
  }
}

/** What became of a code that is being typed in elsewhere, in the words of OAuth. */
export function deviceStep(detail: string | null): "wait" | "slower" | "expired" | "denied" | "failed" {
  switch (detail) {
    case "authorization_pending":
      return "wait";
    case "slow_down":
      return "slower";
    case "expired_token":
      return "expired";
    case "access_denied":
      return "denied";
    default:
      return "failed";
  }
}

/** 75 → "1:15". */
export function clockWords(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** "acme", "acme and tideline", "acme, tideline and 3 more". */
export function someOf(names: readonly string[]): string {
  const [first = "", second, ...more] = names;
  if (second === undefined) return first;
  return more.length === 0 ? `${first} and ${second}` : `${first}, ${second} and ${more.length} more`;
}
