import { sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { outsideWays } from "../../contract/sign-in.ts";
import { instant, oneOf } from "../../platform/columns.ts";
import { users } from "../schema.ts";

/** The accounts elsewhere that people sign in with. */
export const outsideAccounts = sqliteTable(
  "outside_accounts",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    way: text("way", { enum: outsideWays }).notNull(),
    /** Who vouches: the issuer's address. */
    issuer: text("issuer").notNull(),
    /** Whom it vouches for. It stays when the person's name and address there change; those are no key. */
    subject: text("subject").notNull(),
    /** Their address or name there, as of the last sign-in: to show, never to match by. */
    label: text("label").notNull().default(""),
    createdAt: instant("created_at").notNull(),
    lastUsedAt: instant("last_used_at").notNull(),
  },
  (table) => [
    uniqueIndex("outside_accounts_subject").on(table.issuer, table.subject),
    // Of two who link the same person at once, one comes through.
    uniqueIndex("outside_accounts_user").on(table.userId, table.issuer),
    oneOf("outside_accounts_way", table.way, outsideWays),
  ],
);
