import { useQuery } from "@tanstack/react-query";
import { Blocks, GitBranch, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";
import type { ExternalAuthLink, ExternalAuthProvider } from "../../../../src/contract/external-auth.ts";
import { externalAuthStateQuery } from "../../api/external-auth-queries.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { RelativeTime } from "../../ui/relative-time.tsx";
import { DeviceDialog } from "./device-dialog.tsx";
import { DisconnectDialog } from "./disconnect-dialog.tsx";
import { Installations } from "./installations.tsx";

/** On a phone they stand below the words, in line with them. */
const actions = "flex flex-wrap items-center gap-2 empty:hidden max-sm:basis-full max-sm:pl-10.5";

interface ServiceRowProps {
  provider: ExternalAuthProvider;
  /** Null = not connected. */
  link: ExternalAuthLink | null;
}

export function ServiceRow({ provider, link }: ServiceRowProps): ReactNode {
  const [leaving, setLeaving] = useState(false);
  const isSetUp = provider.unavailable === "";
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-3 px-4 py-4">
      <ServiceMark type={provider.type} icon={provider.display_icon} />
      <div className="min-w-0 flex-1 basis-56">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <bdi className="truncate font-medium">{provider.display_name}</bdi>
          <Standing provider={provider} link={link} />
        </p>
        {!isSetUp ? (
          <p className="mt-0.5 text-sm text-muted">{provider.unavailable}</p>
        ) : link === null ? (
          <p className="mt-0.5 text-sm text-muted">
            {provider.type === "generic" ? "Not connected." : "Connect it to see pull requests beside your chats."}
          </p>
        ) : (
          <Connected provider={provider} link={link} />
        )}
      </div>
      <div className={actions}>
        {link !== null && (
          <Button
            size="sm"
            variant="ghost"
            onClick={() => setLeaving(true)}
            aria-label={`Disconnect ${provider.display_name}`}
          >
            Disconnect
          </Button>
        )}
        {isSetUp && link?.authenticated !== true && <ConnectButton provider={provider} again={link !== null} />}
      </div>
      {leaving && (
        <DisconnectDialog
          id={provider.id}
          name={provider.display_name}
          revokes={provider.supports_revocation}
          onClose={() => setLeaving(false)}
        />
      )}
    </li>
  );
}

/** A service that was taken out of the settings while somebody had it connected. */
export function LeftoverRow({ link }: { link: ExternalAuthLink }): ReactNode {
  const [leaving, setLeaving] = useState(false);
  const id = link.provider_id;
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-3 px-4 py-4">
      <ServiceMark type="generic" />
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-medium">
          <bdi>{id}</bdi>
        </p>
        <p className="mt-0.5 text-sm text-muted">{link.validate_error}</p>
      </div>
      <div className={actions}>
        <Button size="sm" variant="ghost" onClick={() => setLeaving(true)} aria-label={`Disconnect ${id}`}>
          Disconnect
        </Button>
      </div>
      {leaving && <DisconnectDialog id={id} name={id} revokes={false} onClose={() => setLeaving(false)} />}
    </li>
  );
}

function Standing({ provider, link }: ServiceRowProps): ReactNode {
  if (provider.unavailable !== "") return <Badge>Not available</Badge>;
  if (link === null) return null;
  return link.authenticated ? <Badge tone="success">Connected</Badge> : <Badge tone="warning">Needs attention</Badge>;
}

/** As whom, since when, until when; or why it does not work. */
function Connected({ provider, link }: { provider: ExternalAuthProvider; link: ExternalAuthLink }): ReactNode {
  // Asked once the list is there, which has renewed what had to be.
  const state = useQuery({ ...externalAuthStateQuery(provider.id), enabled: link.authenticated });
  const user = state.data?.user ?? null;
  return (
    <>
      {!link.authenticated && link.validate_error !== "" && (
        <p className="mt-1 flex items-start gap-2 text-sm text-ink">
          <TriangleAlert size={14} aria-hidden className="mt-[3px] shrink-0 text-warning" />
          <span className="min-w-0 break-words">{link.validate_error}</span>
        </p>
      )}
      <p className="mt-0.5 text-sm text-muted">
        {user !== null && (
          <>
            As{" "}
            {user.profile_url === "" ? (
              <bdi className="font-medium text-ink">{user.login}</bdi>
            ) : (
              <a
                href={user.profile_url}
                target="_blank"
                rel="noreferrer"
                className="font-medium text-ink underline decoration-line-strong underline-offset-2 hover:decoration-current"
              >
                <bdi>{user.login}</bdi>
              </a>
            )}
            {user.name !== "" && (
              <>
                {" "}
                (<bdi>{user.name}</bdi>)
              </>
            )}{" "}
            ·{" "}
          </>
        )}
        {user === null ? "Connected" : "connected"} <RelativeTime at={link.created_at} />
        <Lifetime link={link} renews={provider.allow_refresh && link.has_refresh_token} />
      </p>
      {state.data !== undefined && <Installations name={provider.display_name} state={state.data} />}
    </>
  );
}

function Lifetime({ link, renews }: { link: ExternalAuthLink; renews: boolean }): ReactNode {
  if (!link.authenticated) return null;
  if (renews) return <> · renewed by itself</>;
  if (link.expires === null) return <> · until you disconnect it</>;
  return (
    <>
      {" "}
      · ends <RelativeTime at={link.expires} />
    </>
  );
}

function ConnectButton({ provider, again }: { provider: ExternalAuthProvider; again: boolean }): ReactNode {
  const [typing, setTyping] = useState(false);
  const word = again ? "Reconnect" : "Connect";
  const label = `${word} ${provider.display_name}`;
  if (!provider.device) {
    return (
      <Button asChild size="sm" variant="primary">
        {/* Another site comes next: a page of ours has no part in it. */}
        <a href={`/api/v2/external-auth/${encodeURIComponent(provider.id)}/start`} aria-label={label}>
          {word}
        </a>
      </Button>
    );
  }
  return (
    <>
      <Button size="sm" variant="primary" onClick={() => setTyping(true)} aria-label={label}>
        {word}
      </Button>
      {typing && <DeviceDialog id={provider.id} name={provider.display_name} onClose={() => setTyping(false)} />}
    </>
  );
}

/** Only pictures that are in the settings themselves: a page of ours loads nothing from elsewhere. */
const PICTURE = /^data:image\//;

function ServiceMark({ type, icon = "" }: { type: ExternalAuthProvider["type"]; icon?: string }): ReactNode {
  const Icon = type === "generic" ? Blocks : GitBranch;
  return (
    <span
      aria-hidden
      className="flex size-9 shrink-0 items-center justify-center rounded-md border border-line bg-raised text-muted"
    >
      {PICTURE.test(icon) ? <img src={icon} alt="" className="size-5 object-contain" /> : <Icon size={18} />}
    </span>
  );
}
