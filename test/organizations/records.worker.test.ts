import { env } from "cloudflare:workers";
import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { selectGroupPage } from "../../src/organizations/groups.ts";
import { selectMemberPage } from "../../src/organizations/members.ts";
import { openDatabase } from "../../src/platform/d1.ts";
import { newId } from "../../src/platform/ids.ts";
import { DEFAULT } from "./support.ts";

const db = openDatabase(env.DB);

async function planOf(query: { toSQL(): { sql: string; params: unknown[] } }): Promise<string> {
  const { sql: text, params } = query.toSQL();
  const { results } = await env.DB.prepare(`explain query plan ${text}`)
    .bind(...params)
    .all<{ detail: string }>();
  return results.map(({ detail }) => detail).join("\n");
}

describe.each([
  ["the first", false],
  ["one after a cursor", true],
])("%s page", (_, further) => {
  const page = { organizationId: DEFAULT, readable: sql`true`, limit: 50 };

  it("of members reads those of the organisation and nobody else", async () => {
    const after = further ? { id: newId(), username: "m" } : null;
    const plan = await planOf(selectMemberPage(db, { ...page, q: "", after }));
    expect(plan).toMatch(/SEARCH organization_members USING INDEX \S+ \(organization_id=\?/);
    expect(plan).not.toMatch(/SCAN (organization_members|users)\b/);
  });

  it("of groups comes out of the index in order", async () => {
    const after = further ? { name: "m" } : null;
    const plan = await planOf(selectGroupPage(db, { ...page, after }));
    expect(plan).toMatch(/^SEARCH groups USING INDEX groups_name \(organization_id=\?/);
    expect(plan).not.toContain("LAST TERM");
    expect(plan).not.toMatch(/SCAN (groups|group_members|organization_members|users)\b/);
  });
});
