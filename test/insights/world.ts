import type { PullRequestState } from "../../src/contract/git.ts";
import type { LedgerKind } from "../../src/contract/usage.ts";
import { newId } from "../../src/platform/ids.ts";

/** Chats with what came of them, as the tables have it and the oracle reads it. */
export interface WorldChat {
  id: string;
  ownerId: string;
  organizationId: string;
  parentId: string | null;
  createdAt: number;
  modelId: string;
  diff: WorldDiff | null;
  calls: WorldCall[];
}

export interface WorldDiff {
  url: string | null;
  number: number | null;
  state: PullRequestState | null;
  title: string;
  draft: boolean;
  additions: number;
  deletions: number;
  approved: boolean | null;
  changesRequested: boolean;
  repository: string | null;
  openedAt: number | null;
  mergedAt: number | null;
}

export interface WorldCall {
  kind: LedgerKind;
  deleted: boolean;
  /** Null = unpriced. */
  cost: number | null;
  /** Null = not reported. */
  tokens: number | null;
  createdAt: number;
}

export function aChat(facts: Pick<WorldChat, "ownerId" | "organizationId"> & Partial<WorldChat>): WorldChat {
  return { id: newId(), parentId: null, createdAt: 0, modelId: newId(), diff: null, calls: [], ...facts };
}

export function aDiff(facts: Partial<WorldDiff> = {}): WorldDiff {
  return {
    url: "https://github.com/acme/app/pull/1",
    number: null,
    state: "open",
    title: "A title",
    draft: false,
    additions: 0,
    deletions: 0,
    approved: null,
    changesRequested: false,
    repository: null,
    openedAt: null,
    mergedAt: null,
    ...facts,
  };
}

export function aCall(cost: number | null, facts: Partial<WorldCall> = {}): WorldCall {
  return { kind: "message", deleted: false, cost, tokens: 100, createdAt: 0, ...facts };
}

type Row = Record<string, string | number | null>;

/** As rows of the tables, by their names. */
export function rowsOf(world: readonly WorldChat[]): Record<string, Row[]> {
  const chatRows = world.map((chat) => ({
    id: chat.id,
    owner_id: chat.ownerId,
    organization_id: chat.organizationId,
    parent_chat_id: chat.parentId,
    root_chat_id: chat.parentId ?? chat.id,
    title: "A chat",
    status: "waiting",
    last_model_config_id: chat.modelId,
    created_at: chat.createdAt,
    updated_at: chat.createdAt,
  }));
  const diffRows = world.flatMap(({ id, ownerId, createdAt, diff }) =>
    diff === null
      ? []
      : [
          {
            chat_id: id,
            owner_id: ownerId,
            url: diff.url,
            pr_number: diff.number,
            pull_request_state: diff.state,
            pull_request_title: diff.title,
            pull_request_draft: Number(diff.draft),
            additions: diff.additions,
            deletions: diff.deletions,
            approved: diff.approved === null ? null : Number(diff.approved),
            changes_requested: Number(diff.changesRequested),
            repository: diff.repository,
            opened_at: diff.openedAt,
            merged_at: diff.mergedAt,
            stale_at: createdAt,
            created_at: createdAt,
            updated_at: createdAt,
          },
        ],
  );
  const callRows = world.flatMap((chat) =>
    chat.calls.map((call, index) => ({
      chat_id: chat.id,
      id: index + 1,
      owner_id: chat.ownerId,
      organization_id: chat.organizationId,
      root_chat_id: chat.parentId ?? chat.id,
      kind: call.kind,
      role: "assistant",
      visibility: "both",
      content_version: 1,
      input_tokens: call.tokens,
      total_cost_micros: call.cost,
      deleted: Number(call.deleted),
      version: 1,
      created_at: call.createdAt,
    })),
  );
  return { chats: chatRows, chat_diff_statuses: diffRows, chat_messages: callRows };
}
