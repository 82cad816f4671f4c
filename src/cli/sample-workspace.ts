import { createHash, randomBytes } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { newId } from "../platform/ids.ts";
import { executeLocal } from "./local-database.ts";
import { readIfThere, writePrivateFile } from "./private-file.ts";

/** Fixed, so that a lost token makes a new build of the same workspace and never a second workspace. */
const sampleWorkspaceId = "00000000-0000-7000-8000-000000000003";
const systemUserId = "00000000-0000-7000-8000-000000000002";
const defaultOrganizationId = "00000000-0000-7000-8000-000000000001";

export interface SampleWorkspacePlaces {
  persistTo: string;
  tokenFile: string;
}

/** Makes the sample workspace with a build and an agent for the token in `tokenFile`, unless they exist. */
export async function ensureSampleWorkspace(places: SampleWorkspacePlaces, env: NodeJS.ProcessEnv): Promise<void> {
  const token = readIfThere(places.tokenFile)?.trim() || `tla_${randomBytes(32).toString("base64url")}`;
  const tokenHash = createHash("sha256").update(token).digest("hex");
  // Lies with the database, so that it goes when the database goes; saves two seconds of every later start.
  const mark = join(places.persistTo, "sample-workspace");
  if (readIfThere(mark) === tokenHash && existsSync(places.tokenFile)) return;

  writePrivateFile(places.tokenFile, token);
  const sqlFile = join(places.persistTo, "sample-workspace.sql");
  writePrivateFile(sqlFile, sampleWorkspaceSql({ tokenHash, buildId: newId(), agentId: newId(), now: Date.now() }));
  await executeLocal(places.persistTo, sqlFile, env);
  rmSync(sqlFile);
  writePrivateFile(mark, tokenHash);
}

/**
 * The statements that make the sample workspace. Nobody owns a fresh deployment, so the system user does until the
 * first person takes it over; afterwards the first owner does. A workspace that its owner removed stays removed.
 * Every value is of our own making (ids, hex, a number), since a file of SQL knows no parameters.
 */
export function sampleWorkspaceSql(values: {
  tokenHash: string;
  buildId: string;
  agentId: string;
  now: number;
}): string {
  const { tokenHash, buildId, agentId, now } = values;
  const missing = `not exists (select 1 from workspace_agents where token_hash = '${tokenHash}')`;
  return `
insert or ignore into workspaces (id, owner_id, organization_id, name, user_acl, group_acl, deleted, created_at, updated_at)
select '${sampleWorkspaceId}', coalesce(
    (select id from users where deleted = 0 and exists (select 1 from json_each(roles) where value = 'owner')
     order by created_at, id limit 1),
    '${systemUserId}'),
  '${defaultOrganizationId}', 'sample', '{}', '{}', 0, ${now}, ${now};
insert into workspace_builds (id, workspace_id, build_number, created_at)
select '${buildId}', id, 1 + (select coalesce(max(build_number), 0) from workspace_builds where workspace_id = workspaces.id), ${now}
from workspaces where id = '${sampleWorkspaceId}' and deleted = 0 and ${missing};
insert into workspace_agents (id, build_id, workspace_id, name, token_hash, created_at)
select '${agentId}', id, workspace_id, 'main', '${tokenHash}', ${now}
from workspace_builds where id = '${buildId}' and ${missing};
`;
}
