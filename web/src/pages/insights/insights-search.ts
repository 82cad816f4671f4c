import { z } from "zod";

/** The ranges that the page offers, in days. */
export const ranges = [7, 14, 30, 90] as const;
export const DEFAULT_RANGE = 30;

/** What the address of the page says: the range, the part of the page, and what it is narrowed to. */
export const insightsSearch = z.object({
  days: z.literal(ranges).optional().catch(undefined),
  view: z.enum(["details"]).optional().catch(undefined),
  /** A user name. */
  owner: z.string().max(100).optional().catch(undefined),
  organization: z.uuid().optional().catch(undefined),
  /** As the figures name it; "" = not known. */
  repository: z.string().max(500).optional().catch(undefined),
});
export type InsightsSearch = z.infer<typeof insightsSearch>;
