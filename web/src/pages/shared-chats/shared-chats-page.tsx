import type { ReactNode } from "react";
import { useRights } from "../../shell/rights.ts";
import { SettingsPage } from "../../shell/settings-page.tsx";
import { ChatSharingSwitch } from "./chat-sharing-switch.tsx";
import { GivenShares } from "./given-shares.tsx";

/** Who sees one's chats; for owners, whether anybody may share. */
export function SharedChatsPage(): ReactNode {
  const { manage_deployment: manages } = useRights();
  return (
    <SettingsPage title="Shared chats" lead="Who sees your chats beside you. To share one, open it and press Share.">
      <GivenShares />
      {manages && <ChatSharingSwitch />}
    </SettingsPage>
  );
}
