import { sql } from "drizzle-orm";

/** For the audit line behind a change: whether the statement right before it in the batch changed a row. */
export const CHANGED = sql`changes() > 0`;
