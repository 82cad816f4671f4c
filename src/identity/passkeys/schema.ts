import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { flag, instant, json } from "../../platform/columns.ts";
import { users } from "../schema.ts";

/** The passkeys that people sign in with. Nothing in here is a secret: the secret never leaves the person's device. */
export const passkeys = sqliteTable(
  "passkeys",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    /** As the authenticator calls it, base64url. */
    credentialId: text("credential_id").notNull().unique(),
    /** COSE, base64url. */
    publicKey: text("public_key").notNull(),
    /** How often the authenticator says it was used; many always say 0. */
    counter: integer("counter").notNull(),
    transports: json<string[]>("transports").notNull(),
    /** Whether it is kept in more than one place, such as a password manager's cloud. */
    backedUp: flag("backed_up").notNull(),
    name: text("name").notNull(),
    createdAt: instant("created_at").notNull(),
    lastUsedAt: instant("last_used_at"),
  },
  (table) => [index("passkeys_user").on(table.userId, table.createdAt)],
);
