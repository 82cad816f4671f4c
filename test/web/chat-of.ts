import type { Chat } from "../../src/contract/chats.ts";

const CHAT_ID_TAIL = "-0000-7000-8000-000000000000";

/** A chat for a test; `n` makes its id, and a minute counts as its age. */
export function chatOf(n: number, change: Partial<Chat> = {}): Chat {
  const id = n.toString(16).padStart(8, "0") + CHAT_ID_TAIL;
  const at = new Date(Date.UTC(2026, 10, 22, 12) - n * 60_000).toISOString();
  return {
    id,
    owner_id: id,
    organization_id: id,
    workspace_id: null,
    parent_chat_id: null,
    root_chat_id: id,
    last_model_config_id: id,
    title: `Chat ${n}`,
    status: "waiting",
    last_error: null,
    last_error_detail: null,
    archived: false,
    version: 1,
    created_at: at,
    updated_at: at,
    has_unread: false,
    ...change,
  };
}
