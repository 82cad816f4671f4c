import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import type { AccessObject } from "../access/check.ts";
import type { AccessColumns } from "../access/filter.ts";
import { chats } from "./schema.ts";

/** The deployment's switch; whoever never touched it has it on. */
export const SHARING_SWITCH = "chat_sharing_enabled";

/** While the switch is off, no share counts, and all do again when it is on. Asked wherever a share could help. */
export const sharingIsOn = sql.raw(
  `not exists (select 1 from site_configs where key = '${SHARING_SWITCH}' and value = 'false')`,
);

/**
 * The shares of a row of `chats`, as JSON text beside it: role names by the id of a user or group. Names its
 * table in so many words, since drizzle leaves it out where a query has no other.
 */
export const sharesOfChat = sql<string>`(
  select json_group_object(s.subject_id, s.role) from chat_shares s
  where s.root_chat_id = chats.root_chat_id and ${sharingIsOn}
)`;

const shareMap = z.record(z.string(), z.string());

/** A chat as `check` asks about it. Sub-agents' chats are shared as their root is. */
export function chatObject(chat: { ownerId: string; organizationId: string; shares: string }): AccessObject {
  return {
    type: "chat",
    ownerId: chat.ownerId,
    organizationId: chat.organizationId,
    shares: shareMap.parse(JSON.parse(chat.shares)),
  };
}

/** The columns of `chats` for `filter`. */
export const chatColumns: AccessColumns = {
  owner: chats.ownerId,
  organization: chats.organizationId,
  shared: (subjects: SQL, roles: SQL) =>
    sql`${chats.rootChatId} in (
      select s.root_chat_id from chat_shares s where s.subject_id in ${subjects} and s.role in ${roles} and ${sharingIsOn}
    )`,
};
