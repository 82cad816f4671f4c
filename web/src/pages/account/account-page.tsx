import type { ReactNode } from "react";
import { SettingsPage } from "../../shell/settings-page.tsx";
import { Connected } from "./connected.tsx";
import { ProfileForm } from "./profile-form.tsx";
import { Sessions } from "./sessions.tsx";
import { Thresholds } from "./thresholds.tsx";
import { Tokens } from "./tokens.tsx";

export function AccountPage(): ReactNode {
  return (
    <SettingsPage title="Account" lead="Who you are here, where you are signed in, and the keys that act in your name.">
      <ProfileForm />
      <Thresholds />
      <Connected />
      <Sessions />
      <Tokens />
    </SettingsPage>
  );
}
