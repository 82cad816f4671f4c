/** One chat in ten is the bench's own person's. */
const OWN_EVERY = 10;
/** Of the others' chats so many are shared with them, evenly over the whole table. */
const SHARED = 200;
/** Marks what is the bench's; no chat runs with it. */
const MODEL = "00000000-0000-7000-8000-00000000be4c";
const OTHER = "00000000-0000-7000-8000-00000000beaa";
const ROWS_A_STATEMENT = 10_000;

/** A deployment with so many chats, most of them somebody else's. What an earlier call made goes first. */
export async function fillLists(db: D1Database, rows: number): Promise<void> {
  const me = await db.prepare("select id from users where username = 'ada'").first<{ id: string }>();
  const home = await db
    .prepare("select organization_id as id from organization_members limit 1")
    .first<{ id: string }>();
  if (me === null || home === null) throw new Error("Nobody has set this deployment up.");
  const now = Date.now();
  await db.batch([
    db
      .prepare("delete from chat_shares where root_chat_id in (select id from chats where last_model_config_id = ?)")
      .bind(MODEL),
    db.prepare("delete from chats where last_model_config_id = ?").bind(MODEL),
    db
      .prepare(
        `insert into users (id, username, email, login_type, roles, created_at, updated_at)
         values (?, 'bea', 'bea@example.com', 'none', '["member"]', ?, ?) on conflict do nothing`,
      )
      .bind(OTHER, now, now),
  ]);
  for (let start = 0; start < rows; start += ROWS_A_STATEMENT) {
    const end = Math.min(rows, start + ROWS_A_STATEMENT);
    await db
      .prepare(
        `with recursive n(i) as (select ?1 union all select i + 1 from n where i + 1 < ?2),
           named(i, id) as (select i, printf('%08x-0000-7000-8000-%012x', i, i) from n)
         insert into chats (id, owner_id, organization_id, root_chat_id, title, status, last_model_config_id, version,
           created_at, updated_at)
         select id, iif(i % ?3 = 0, ?4, ?5), ?6, id, 'Chat ' || i, 'waiting', ?7, 1, ?8 + i, ?8 + i from named`,
      )
      .bind(start, end, OWN_EVERY, me.id, OTHER, home.id, MODEL, now)
      .run();
  }
  await db
    .prepare(
      `insert into chat_shares (root_chat_id, subject_type, subject_id, role, created_by, created_at)
       select id, 'user', ?1, 'viewer', owner_id, ?2 from chats
       where last_model_config_id = ?3 and owner_id = ?4 and (updated_at - ?2) % ?5 = 1`,
    )
    .bind(me.id, now, MODEL, OTHER, Math.max(OWN_EVERY, Math.floor(rows / SHARED / OWN_EVERY) * OWN_EVERY))
    .run();
}
