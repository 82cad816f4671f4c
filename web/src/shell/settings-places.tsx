import type { LinkProps } from "@tanstack/react-router";
import {
  Boxes,
  Building2,
  ChartColumn,
  ChartColumnStacked,
  ChartSpline,
  FileClock,
  Gauge,
  Group as GroupIcon,
  Link2,
  Plug,
  ScrollText,
  Share2,
  ShieldCheck,
  UserRound,
  Users,
  UsersRound,
} from "lucide-react";
import type { LucideIcon } from "lucide-react";
import type { Rights } from "../../../src/contract/rights.ts";
import { readsUsageOfOthers } from "./rights.ts";

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
  { to: "/settings/external-auth", label: "Connected accounts", icon: Link2, group: "You" },
  { to: "/settings/prompts", label: "Prompts", icon: ScrollText, group: "You" },
  { to: "/settings/usage", label: "Usage", icon: ChartColumn, group: "You" },
  { to: "/settings/shared-chats", label: "Shared chats", icon: Share2, group: "You" },
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
    to: "/settings/usage/people",
    label: "Team usage",
    icon: ChartColumnStacked,
    group: "Deployment",
    offeredTo: readsUsageOfOthers,
  },
  {
    to: "/settings/usage-limits",
    label: "Spend limits",
    icon: Gauge,
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
  {
    to: "/agents/settings/insights",
    label: "Insights",
    icon: ChartSpline,
    group: "Deployment",
    offeredTo: (rights) => rights.read_deployment,
  },
  {
    to: "/settings/audit",
    label: "Audit log",
    icon: FileClock,
    group: "Deployment",
    offeredTo: (rights) => rights.read_audit_log,
  },
  {
    to: "/settings/members",
    label: "Members",
    icon: Users,
    group: "Organisation",
    offeredTo: inSome("read_members"),
  },
  {
    to: "/settings/groups",
    label: "Groups",
    icon: GroupIcon,
    group: "Organisation",
    offeredTo: inSome("read_groups"),
  },
  {
    to: "/settings/sharing",
    label: "Sharing",
    icon: Share2,
    group: "Organisation",
    offeredTo: inSome("update"),
  },
  {
    to: "/settings/organizations",
    label: "Organisations",
    icon: Building2,
    group: "Organisation",
    offeredTo: (rights) => rights.create_organizations,
  },
];

/** Offered by what the person may do in any of their organisations: each page has the choice between them. */
function inSome(right: "read_members" | "read_groups" | "update"): (rights: Rights) => boolean {
  return ({ organizations }) => organizations.some((organization) => organization[right]);
}

/** The pages to offer somebody, in their groups. */
export function placesFor(rights: Rights): { group: SettingsPlace["group"]; places: SettingsPlace[] }[] {
  const offered = settingsPlaces.filter((place) => place.offeredTo?.(rights) ?? true);
  return (["You", "Deployment", "Organisation"] as const)
    .map((group) => ({ group, places: offered.filter((place) => place.group === group) }))
    .filter(({ places }) => places.length > 0);
}
