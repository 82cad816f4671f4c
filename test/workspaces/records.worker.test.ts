import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { filter } from "../../src/access/filter.ts";
import { newId } from "../../src/platform/ids.ts";
import { selectWorkspacePage } from "../../src/workspaces/records.ts";
import { workspaces } from "../../src/workspaces/schema.ts";
import { db, insertPerson } from "./support.ts";

describe("a page of workspaces", () => {
  it.each([
    ["the first", null],
    ["one after a cursor", { id: newId(), updatedAt: 5 }],
  ])("comes out of the index in order: %s", async (_, after) => {
    const readable = filter(await insertPerson(), "read", "workspace", {
      owner: workspaces.ownerId,
      organization: workspaces.organizationId,
    });
    const { sql, params } = selectWorkspacePage(db, readable, { after, limit: 50 }).toSQL();
    const { results } = await env.DB.prepare(`explain query plan ${sql}`)
      .bind(...params)
      .all<{ detail: string }>();
    const plan = results.map((row) => row.detail).join("\n");
    expect(plan).toMatch(/^SEARCH workspaces USING INDEX workspaces_owner \(owner_id=\?/);
    expect(plan).not.toMatch(/TEMP B-TREE|SCAN (workspaces|workspace_builds|workspace_agents)/);
  });
});
