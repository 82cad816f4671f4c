/** Model calls that the bench's own person made in the last 30 days, whatever size the ledger has. */
export const OWN_CALLS = 2_000;
const ROWS_A_CHAT = 200;
/** Of the other chats one in so many is the same person's, too, and older than that. */
const OWN_EVERY = 50;
const OTHERS = 20;
/** Marks what is the bench's. */
const MODEL = "00000000-0000-7000-8000-00000000be4d";
const DAY_MS = 86_400_000;
const AGE_DAYS = 730;
const ROWS_A_STATEMENT = 50_000;

/** A ledger of so many rows over two years, most of them of others. What an earlier call made goes first. */
export async function fillLedger(db: D1Database, rows: number): Promise<void> {
  const me = await db.prepare("select id from users where username = 'ada'").first<{ id: string }>();
  const home = await db
    .prepare("select organization_id as id from organization_members limit 1")
    .first<{ id: string }>();
  if (me === null || home === null) throw new Error("Nobody has set this deployment up.");
  const now = Date.now();
  // An index that is made of a full table is made in order: many times quicker than row by row.
  const { results: indexes } = await db
    .prepare(
      "select name, sql from sqlite_master where type = 'index' and tbl_name = 'chat_messages' and sql is not null",
    )
    .all<{ name: string; sql: string }>();
  for (const { name } of indexes) await db.prepare(`drop index ${name}`).run();
  await db.batch([
    db.prepare("delete from chat_messages where model_config_id = ?").bind(MODEL),
    db.prepare("delete from chats where last_model_config_id = ?").bind(MODEL),
    db
      .prepare(
        `with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < ?1)
         insert into users (id, username, email, login_type, roles, created_at, updated_at)
         select printf('%08x-0000-7000-8000-00000000beaa', i), 'ledger-' || i, '', 'none', '["member"]', ?2, ?2
         from n where true on conflict do nothing`,
      )
      .bind(OTHERS, now),
    db
      .prepare(
        `with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < ?1),
           named(i, id) as (select i, printf('%08x-0000-7000-9000-%012x', i, i) from n)
         insert into chats (id, owner_id, organization_id, root_chat_id, title, status, last_model_config_id, version,
           created_at, updated_at)
         select id, ${ownerOf("i", "?3")}, ?4, id, 'Chat ' || i, 'waiting', ?2, 1, ?5 + i, ?5 + i from named`,
      )
      .bind(Math.ceil(rows / ROWS_A_CHAT), MODEL, me.id, home.id, now),
  ]);
  for (let start = 0; start < rows; start += ROWS_A_STATEMENT) {
    await db
      .prepare(
        // Two primes scatter the ages, so that neighbours in time are no neighbours in the table.
        `with recursive n(i) as (select ?1 union all select i + 1 from n where i + 1 < ?2),
           placed(i, chat, age) as (select i, i / ${ROWS_A_CHAT}, ((i * 7919) % 104729) / 104729.0 from n)
         insert into chat_messages (chat_id, id, owner_id, organization_id, root_chat_id, kind, role, visibility,
           content_version, model_config_id, input_tokens, output_tokens, cache_read_tokens, total_cost_micros,
           runtime_ms, version, created_at)
         select printf('%08x-0000-7000-9000-%012x', chat, chat), i % ${ROWS_A_CHAT} + 1, ${ownerOf("chat", "?3")}, ?4,
           printf('%08x-0000-7000-9000-%012x', chat, chat), 'message', 'assistant', 'both', 1, ?5,
           1000 + i % 977, 10 + i % 97, i % 3, 500 + i % 499, 1 + i % 9000, 1,
           ?6 - ${DAY_MS} * case
             when i < ${OWN_CALLS} then 1 + age * 28
             when chat % ${OWN_EVERY} = 0 then 31 + age * ${AGE_DAYS - 31}
             else age * ${AGE_DAYS} end
         from placed`,
      )
      .bind(start, Math.min(rows, start + ROWS_A_STATEMENT), me.id, home.id, MODEL, now)
      .run();
  }
  for (const { sql } of indexes) await db.prepare(sql).run();
}

/** The first chats are the person's own, of this month; then every fiftieth. */
function ownerOf(chat: string, me: string): string {
  const own = `${chat} < ${OWN_CALLS / ROWS_A_CHAT} or ${chat} % ${OWN_EVERY} = 0`;
  return `iif(${own}, ${me}, printf('%08x-0000-7000-8000-00000000beaa', ${chat} % ${OTHERS}))`;
}
