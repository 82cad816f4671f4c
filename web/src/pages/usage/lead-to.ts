import type { ReactNode } from "react";
import type { TeamUsageSearch } from "./usage-search.ts";

/** A link within the page that changes this of its address and keeps the rest, such as the range. */
export type LeadTo = (
  part: { model?: string | undefined; chat?: string | undefined },
  children: ReactNode,
) => ReactNode;

/** The same on the page about everybody. */
export type TeamLead = (part: TeamUsageSearch, children: ReactNode) => ReactNode;
