import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { instant } from "../../platform/columns.ts";
import { users } from "../schema.ts";

/** Who gives a code from an authenticator app after the password. */
export const secondFactors = sqliteTable("second_factors", {
  userId: text("user_id")
    .primaryKey()
    .references(() => users.id),
  /** Sealed under `SECRET_KEY`. */
  sealedSecret: text("sealed_secret").notNull(),
  /** The step of time of the last code that was taken: neither it nor an earlier one is taken again. */
  lastStep: integer("last_step").notNull(),
  /** Wrong codes since the last right one. */
  failures: integer("failures").notNull().default(0),
  /** No code is looked at before this. */
  lockedUntil: instant("locked_until").notNull().default(0),
  createdAt: instant("created_at").notNull(),
});

/** Codes for when the app is lost, each good once. A row goes when its code is used. */
export const recoveryCodes = sqliteTable(
  "recovery_codes",
  {
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    /** SHA-256, hex: the codes are random enough that nothing slower is needed. */
    codeHash: text("code_hash").notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.codeHash] })],
);
