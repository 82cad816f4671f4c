import { createHmac } from "node:crypto";
import type { GitProviderType } from "../contract/git.ts";
import { sameText } from "../platform/sealing.ts";

/**
 * Whether whoever sent this knows the secret: an HMAC with SHA-256 over the body as it came, in lower-case hex, or,
 * at GitLab, the secret itself. Compared in constant time. No secret: nobody knows it.
 */
export function isSigned(type: GitProviderType, headers: Headers, body: Uint8Array, secret: string): boolean {
  if (secret === "") return false;
  switch (type) {
    case "github":
      return sameText(headers.get("x-hub-signature-256") ?? "", `sha256=${hmac(body, secret)}`);
    case "gitea":
      return sameText(headers.get("x-gitea-signature") ?? "", hmac(body, secret));
    case "gitlab":
      return sameText(headers.get("x-gitlab-token") ?? "", secret);
  }
}

function hmac(body: Uint8Array, secret: string): string {
  return createHmac("sha256", secret).update(body).digest("hex");
}
