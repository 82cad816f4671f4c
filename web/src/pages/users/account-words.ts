import type { AssignableSiteRole, SiteRole, UserStatus } from "../../../../src/contract/identity.ts";
import type { Tone } from "../../ui/badge.tsx";

export const statusWords: Record<UserStatus, { label: string; tone: Tone; means: string }> = {
  active: { label: "Active", tone: "success", means: "Can sign in and work." },
  dormant: {
    label: "Dormant",
    tone: "neutral",
    means: "Has not been here for long. Active again at the next sign-in.",
  },
  suspended: { label: "Suspended", tone: "danger", means: "Cannot sign in; tokens are refused." },
};

/** The roles beyond what everybody has, by name; "Member" for who has no other. */
export function roleWords(roles: readonly SiteRole[], known: readonly AssignableSiteRole[]): string {
  const more = roles.filter((role) => role !== "member");
  return (more.length === 0 ? (["member"] as const) : more)
    .map((role) => known.find(({ name }) => name === role)?.display_name ?? role)
    .join(", ");
}

/** Whether the person may take this account in hand: nobody does who could not give its roles. */
export function hasSway(roles: readonly SiteRole[], known: readonly AssignableSiteRole[]): boolean {
  return roles.every((role) => known.some(({ name, assignable }) => name === role && assignable));
}
