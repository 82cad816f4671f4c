import { index, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { instant } from "../../platform/columns.ts";

/** Tickets that have been used, until they would have expired. */
export const usedTickets = sqliteTable(
  "used_tickets",
  { id: text("id").primaryKey(), expiresAt: instant("expires_at").notNull() },
  (table) => [index("used_tickets_expiry").on(table.expiresAt)],
);
