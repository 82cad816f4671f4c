import { ExternalLink } from "lucide-react";
import type { ReactNode } from "react";
import type { ExternalAuthState } from "../../../../src/contract/external-auth.ts";
import { someOf } from "./words.ts";

/** Where a GitHub App may look; nothing at all where the service is no such app. */
export function Installations({ name, state }: { name: string; state: ExternalAuthState }): ReactNode {
  const { app_installable, app_install_url, installations } = state;
  if (!app_installable || (app_install_url === "" && installations.length === 0)) return null;
  return (
    <p className="mt-1 text-sm text-muted">
      {installations.length === 0 ? (
        "The app is not installed anywhere yet, so it sees no repository. "
      ) : (
        <>
          Installed for <bdi className="text-ink">{someOf(installations.map(({ account }) => account.login))}</bdi>
          .{" "}
        </>
      )}
      {app_install_url !== "" && (
        <a
          href={app_install_url}
          target="_blank"
          rel="noreferrer"
          className="inline-flex items-center gap-1 text-accent underline underline-offset-2"
        >
          {installations.length === 0 ? `Install it at ${name}` : "Choose repositories"}
          <ExternalLink size={12} aria-hidden />
        </a>
      )}
    </p>
  );
}
