import { JOBS_TABLE } from "../../platform/jobs.ts";
import type { ObjectMigration } from "../../platform/migrator.ts";

/** The tables of a ChatObject. Append only; additive and quick. */
export const CHAT_MIGRATIONS: readonly ObjectMigration[] = [
  {
    id: "0001_first",
    statements: [
      // One row. The columns that end in _seq are the stamps of cells: what a viewer lacks whose cursor is below.
      `create table chat (
        one integer primary key check (one = 1),
        id text not null,
        owner_id text not null,
        organization_id text not null,
        workspace_id text,
        parent_chat_id text,
        root_chat_id text not null,
        title text not null,
        status text not null,
        last_error text,
        last_error_detail text,
        retry text,
        usage text not null,
        last_model_config_id text not null,
        mode text,
        archived integer not null default 0,
        archived_version integer not null default 0,
        version integer not null,
        epoch text not null,
        reserved_seq integer not null default 0,
        released integer not null default 0,
        next_id integer not null default 1,
        status_seq integer not null default 0,
        title_seq integer not null default 0,
        usage_seq integer not null default 0,
        queue_seq integer not null default 0,
        cleared_seq integer not null default 0,
        created_at integer not null,
        updated_at integer not null
      ) strict`,
      `create table messages (
        id integer primary key,
        seq integer not null,
        role text not null check (role in ('system', 'user', 'assistant', 'tool')),
        visibility text not null check (visibility in ('user', 'model', 'both')),
        content text not null,
        content_version integer not null,
        created_by text check (created_by is null or role = 'user'),
        model_config_id text,
        input_tokens integer,
        output_tokens integer,
        total_tokens integer,
        reasoning_tokens integer,
        cache_creation_tokens integer,
        cache_read_tokens integer,
        context_limit integer,
        total_cost_micros integer,
        estimated integer not null default 0,
        compressed integer not null default 0,
        deleted integer not null default 0,
        runtime_ms integer check (runtime_ms is null or (role = 'assistant' and runtime_ms > 0)),
        created_at integer not null
      ) strict`,
      "create index messages_seq on messages (seq)",
      `create table queue (
        id integer primary key,
        seq integer not null,
        content text not null,
        model_config_id text,
        created_by text not null,
        created_at integer not null
      ) strict`,
      // One row: where the turn stands. See turn.ts.
      `create table turn (
        one integer primary key check (one = 1),
        phase text not null check (phase in ('idle', 'pending', 'streaming', 'waiting_tools', 'backoff', 'interrupting')),
        fence integer not null default 0,
        steps integer not null default 0,
        message_id integer,
        attempt integer not null default 0,
        failures integer not null default 0,
        recoveries integer not null default 0,
        step_started_at integer,
        model_config_id text,
        model text,
        prompt_tokens_estimate integer,
        retry_at integer,
        interrupting_until integer
      ) strict`,
      `create table tool_calls (
        call_id text primary key,
        message_id integer not null,
        position integer not null,
        result_message_id integer not null,
        tool_call_id text not null,
        tool_name text not null,
        args text not null,
        state text not null check (state in ('intended', 'dispatched', 'done')),
        run integer not null default 1,
        agent_id text,
        boot_id text,
        first_tried_at integer,
        deadline_at integer not null,
        cancel text not null default 'none' check (cancel in ('none', 'wanted', 'acknowledged'))
      ) strict`,
      "create index tool_calls_open on tool_calls (state) where state != 'done'",
      "create index tool_calls_result on tool_calls (result_message_id)",
      // Previews, as far as they were checkpointed.
      `create table previews (
        message_id integer primary key,
        attempt integer not null,
        role text not null,
        started_seq integer not null
      ) strict`,
      `create table parts (
        message_id integer not null,
        seq integer not null,
        position integer not null,
        start integer not null,
        type text not null,
        tool_call_id text,
        tool_name text,
        text text not null,
        primary key (message_id, seq, position, start)
      ) strict, without rowid`,
      `create table requests (
        key text primary key,
        body_hash text not null,
        answer text not null,
        created_at integer not null
      ) strict`,
      // What D1 and the owner's object have yet to learn. One row a thing; a newer version replaces it.
      `create table outbox (
        kind text not null check (kind in ('chat', 'message', 'call')),
        id integer not null,
        version integer not null,
        row text,
        watch text,
        due_at integer not null,
        tries integer not null default 0,
        failures integer not null default 0,
        parked integer not null default 0,
        primary key (kind, id)
      ) strict`,
      JOBS_TABLE,
    ],
  },
  {
    id: "0002_queue_compaction_children",
    statements: [
      "alter table queue add column position real not null default 0",
      "update queue set position = id",
      // A CHECK cannot be changed in place: the one row moves to a table that knows the new phase.
      `create table next_turn (
        one integer primary key check (one = 1),
        phase text not null check (phase in
          ('idle', 'pending', 'streaming', 'compacting', 'waiting_tools', 'backoff', 'interrupting')),
        fence integer not null default 0,
        steps integer not null default 0,
        message_id integer,
        attempt integer not null default 0,
        failures integer not null default 0,
        recoveries integer not null default 0,
        step_started_at integer,
        model_config_id text,
        model text,
        prompt_tokens_estimate integer,
        retry_at integer,
        interrupting_until integer,
        compaction text,
        compactions integer not null default 0
      ) strict`,
      `insert into next_turn (one, phase, fence, steps, message_id, attempt, failures, recoveries, step_started_at,
         model_config_id, model, prompt_tokens_estimate, retry_at, interrupting_until)
       select one, phase, fence, steps, message_id, attempt, failures, recoveries, step_started_at,
         model_config_id, model, prompt_tokens_estimate, retry_at, interrupting_until from turn`,
      "drop table turn",
      "alter table next_turn rename to turn",
      // Sub-agents of this chat, each with its newest run.
      `create table children (
        chat_id text primary key,
        title text not null,
        run integer not null,
        message text not null,
        state text not null check (state in ('starting', 'running', 'settled')),
        status text not null,
        report text,
        spawned_by integer not null
      ) strict, without rowid`,
      // In a sub-agent: the run that its parent started last.
      "alter table chat add column run integer not null default 0",
      // In a root: what of its tree is archived, under one counter.
      "alter table chat add column tree_version integer not null default 0",
      `create table tree (
        chat_id text primary key,
        archived integer not null,
        version integer not null
      ) strict, without rowid`,
      "create index messages_summary on messages (id) where compressed = 1 and visibility = 'model' and deleted = 0",
    ],
  },
  {
    id: "0003_left_queue",
    statements: [
      // Ids of entries that wait no more, however they left: an id that was never in this queue is told from them.
      "create table left_queue (id integer primary key) strict",
      `create trigger queue_left after delete on queue begin
         insert or ignore into left_queue (id) values (old.id);
       end`,
    ],
  },
  {
    id: "0004_spawn_call",
    // The call that is answered once its sub-agent has started.
    statements: ["alter table children add column call_id text"],
  },
  {
    id: "0005_system_rows",
    // They stand before every summary, however long ago.
    statements: ["create index messages_system on messages (id) where role = 'system'"],
  },
  {
    id: "0006_usage_detail",
    // What the provider counts apart, since it has prices of its own.
    statements: [
      "alter table messages add column cache_creation_1h_tokens integer",
      "alter table messages add column web_search_requests integer",
    ],
  },
  {
    id: "0007_spend_holds",
    // The money that is set aside for the model call that is open, and for one that the ledger has yet to learn of.
    statements: ["alter table turn add column hold text", "alter table outbox add column hold text"],
  },
  {
    id: "0008_call_costs",
    // Of model calls that leave no message: when an admin has them priced anew, the chat's total moves by the difference.
    statements: ["create table call_costs (id integer primary key, cost integer) strict"],
  },
];
