import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { BookOpen, Keyboard, LogOut, Monitor, Moon, Settings, Sun, UserRound } from "lucide-react";
import type { ReactNode } from "react";
import { send } from "../api/client.ts";
import { forgetPerson } from "../api/forget-person.ts";
import { buildInfoQuery } from "../api/queries.ts";
import { Menu, MenuChoice, MenuItem, MenuLine } from "../ui/menu.tsx";
import { failed } from "../ui/toaster.tsx";
import { SmallLimitMeter } from "../usage/limit-meter.tsx";
import { useMe } from "./me.ts";
import { forgetUnsent } from "./remembered.ts";
import { useOrganization, useRights } from "./rights.ts";
import { forgetSignedOut } from "./signed-out.ts";
import { setTheme, themes, useTheme } from "./theme.ts";

const themeOptions = [
  { value: "system", label: "As the system", icon: <Monitor size={16} aria-hidden /> },
  { value: "light", label: "Light", icon: <Sun size={16} aria-hidden /> },
  { value: "dark", label: "Dark", icon: <Moon size={16} aria-hidden /> },
];

/** Ends the session here and forgets what this page knew of it. */
export function useSignOut(): () => Promise<void> {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  return async function signOut() {
    try {
      await send("POST", "/users/logout");
    } catch (error) {
      return failed("sign you out", error);
    }
    await navigate({ to: "/login", search: {}, replace: true });
    forgetPerson(queryClient);
    forgetSignedOut();
    // After the pages are gone, which write down what they hold as they go.
    forgetUnsent();
  };
}

export function UserMenu({ onNavigate, onShortcuts }: { onNavigate: () => void; onShortcuts: () => void }): ReactNode {
  const me = useMe();
  const theme = useTheme();
  const build = useQuery(buildInfoQuery);
  const signOut = useSignOut();
  const rights = useRights();
  const [organization, chooseOrganization] = useOrganization();
  const organizations = rights.organizations.filter((each) => each.is_member);
  // The account has its own line; this one leads to what else there is.
  const settings = rights.manage_deployment ? "/settings/providers" : "/settings/prompts";
  const name = me.name === "" ? me.username : me.name;
  return (
    <Menu
      side="top"
      align="start"
      className="w-60"
      trigger={
        <button
          type="button"
          data-testid="user-menu"
          className="flex w-full min-w-0 items-center gap-2.5 rounded-md px-2 py-1.5 text-left hover:bg-raised data-[state=open]:bg-raised"
        >
          <span
            aria-hidden
            className="flex size-7 shrink-0 items-center justify-center rounded-full bg-accent-soft text-xs font-semibold text-accent-strong uppercase"
          >
            {name.slice(0, 1)}
          </span>
          <span className="flex min-w-0 flex-col">
            <span className="truncate font-medium">{name}</span>
            <span className="truncate text-xs text-faint">{me.email}</span>
            <span className="sr-only">Account, settings and theme</span>
          </span>
        </button>
      }
    >
      <SmallLimitMeter />
      <MenuItem asChild>
        <Link to="/settings/account" onClick={onNavigate}>
          <UserRound size={16} aria-hidden />
          Account
        </Link>
      </MenuItem>
      <MenuItem asChild>
        <Link to={settings} onClick={onNavigate}>
          <Settings size={16} aria-hidden />
          Settings
        </Link>
      </MenuItem>
      <MenuItem icon={<Keyboard size={16} aria-hidden />} onSelect={onShortcuts}>
        Keyboard shortcuts
      </MenuItem>
      {organizations.length > 1 && organization !== undefined && (
        <>
          <MenuLine />
          <MenuChoice
            label="Organisation"
            value={organization.id}
            options={organizations.map(({ id, name, display_name }) => ({
              value: id,
              label: display_name === "" ? name : display_name,
            }))}
            onValueChange={chooseOrganization}
          />
        </>
      )}
      <MenuLine />
      <MenuChoice
        label="Theme"
        value={theme}
        options={themeOptions}
        onValueChange={(value) => setTheme(themes.find((each) => each === value) ?? "system")}
      />
      <MenuLine />
      <MenuItem asChild>
        <a href="/api/docs">
          <BookOpen size={16} aria-hidden />
          <span className="flex-1">API documentation</span>
          {build.data !== undefined && <span className="text-xs text-faint">{build.data.version}</span>}
        </a>
      </MenuItem>
      <MenuItem icon={<LogOut size={16} aria-hidden />} onSelect={() => void signOut()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
