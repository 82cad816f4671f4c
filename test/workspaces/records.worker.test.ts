import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Actor } from "../../src/access/actor.ts";
import { filter } from "../../src/access/filter.ts";
import { newId } from "../../src/platform/ids.ts";
import { selectWorkspacePage } from "../../src/workspaces/records.ts";
import { workspaceColumns } from "../../src/workspaces/shares.ts";
import { DEFAULT_ORGANIZATION_ID } from "../../src/organizations/schema.ts";
import { actorWith } from "../access/support.ts";
import { db, insertPerson } from "./support.ts";

const EVERYTHING = /SCAN (workspaces|workspace_builds|workspace_agents|e)\b/;

/** How D1 finds one page for somebody, where it begins after a cursor and where it does not. */
async function plans(actor: Actor): Promise<string[]> {
  const readable = filter(actor, "read", "workspace", workspaceColumns(env));
  return Promise.all(
    [null, { id: newId(), updatedAt: 5 }].map(async (after) => {
      const { sql, params } = selectWorkspacePage(db, readable, { after, limit: 50 }).toSQL();
      const { results } = await env.DB.prepare(`explain query plan ${sql}`)
        .bind(...params)
        .all<{ detail: string }>();
      return results.map((row) => row.detail).join("\n");
    }),
  );
}

describe("a page of workspaces", () => {
  it("is made of one's own and of what is shared with one, each by its index", async () => {
    for (const plan of await plans(await insertPerson())) {
      expect(plan).toMatch(/^MULTI-INDEX OR/);
      expect(plan).toMatch(/SEARCH workspaces USING INDEX workspaces_(owner|name) \(owner_id=\?/);
      expect(plan).toMatch(/SEARCH e USING INDEX sqlite_autoindex_workspace_acl_entries_1 \(subject_id=\?/);
      expect(plan).not.toMatch(EVERYTHING);
      expect(plan).not.toContain("workspaces_organization");
    }
  });

  it("comes out of the index in order for an admin of the organisation, and for an owner of the site", async () => {
    const { userId } = await insertPerson();
    const admin = actorWith({ userId, organizations: { [DEFAULT_ORGANIZATION_ID]: ["organization-admin"] } });
    for (const plan of await plans(admin)) {
      expect(plan).toMatch(/^SEARCH workspaces USING INDEX workspaces_organization \(organization_id=\?/);
      expect(plan).not.toMatch(/TEMP B-TREE/);
    }
    const [first, next] = await plans(await insertPerson(["owner"]));
    expect(first).toMatch(/^SCAN workspaces USING INDEX workspaces_updated/);
    expect(next).toMatch(/^SEARCH workspaces USING INDEX workspaces_updated/);
    expect(`${first}${next}`).not.toMatch(/TEMP B-TREE/);
  });
});
