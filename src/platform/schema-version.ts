/**
 * The newest migration that this code was written for; a test holds it to the folder `migrations/`.
 * A Worker cannot read that folder, and must not serve on a database that lacks a column.
 */
export const SCHEMA_VERSION = "0008_chats_created.sql";
