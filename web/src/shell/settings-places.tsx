import type { LinkProps } from "@tanstack/react-router";
import { Boxes, Plug, ScrollText, ShieldCheck, UserRound, UsersRound } from "lucide-react";
import type { LucideIcon } from "lucide-react";
import type { Rights } from "../../../src/contract/rights.ts";

/** A page of the settings: in the navigation beside them, and in the palette. */
export interface SettingsPlace {
  to: NonNullable<LinkProps["to"]>;
  label: string;
  icon: LucideIcon;
  group: "You" | "Deployment" | "Organisation";
  /** Whom it is offered to; everybody when absent. */
  offeredTo?: (rights: Rights) => boolean;
}

export const settingsPlaces: readonly SettingsPlace[] = [
  { to: "/settings/account", label: "Account", icon: UserRound, group: "You" },
  { to: "/settings/security", label: "Security", icon: ShieldCheck, group: "You" },
  { to: "/settings/prompts", label: "Prompts", icon: ScrollText, group: "You" },
  {
    to: "/settings/providers",
    label: "Providers",
    icon: Plug,
    group: "Deployment",
    offeredTo: (rights) => rights.manage_deployment,
  },
  {
    to: "/settings/models",
    label: "Models",
    icon: Boxes,
    group: "Deployment",
    offeredTo: (rights) => rights.manage_deployment,
  },
  {
    to: "/settings/users",
    label: "Users",
    icon: UsersRound,
    group: "Deployment",
    offeredTo: (rights) => rights.read_users,
  },
];

/** The pages to offer somebody, in their groups. */
export function placesFor(rights: Rights): { group: SettingsPlace["group"]; places: SettingsPlace[] }[] {
  const offered = settingsPlaces.filter((place) => place.offeredTo?.(rights) ?? true);
  return (["You", "Deployment", "Organisation"] as const)
    .map((group) => ({ group, places: offered.filter((place) => place.group === group) }))
    .filter(({ places }) => places.length > 0);
}
