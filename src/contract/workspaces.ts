import { z } from "zod";
import { id, timestamp } from "./common.ts";

export const agentStatuses = ["connecting", "connected", "disconnected"] as const;

/** The agent of a workspace's latest build. `connecting`: it has not called yet. */
export const workspaceAgent = z
  .object({
    status: z.enum(agentStatuses),
    name: z.string(),
    version: z.string(),
    os: z.string(),
    arch: z.string(),
    hostname: z.string(),
    directory: z.string(),
    first_connected_at: timestamp.nullable(),
    last_connected_at: timestamp.nullable(),
    disconnected_at: timestamp.nullable(),
  })
  .meta({ id: "WorkspaceAgent" });

/**
 * Why somebody may see a workspace: it is theirs, it was shared with them under that role, or a role of theirs
 * reaches all of the organisation or the site.
 */
export const workspaceStandings = ["owner", "admin", "use", "organization", "site"] as const;
/** What one may do with a workspace beside reading it. */
export const workspaceActions = ["use", "update", "delete", "share"] as const;

export const workspace = z
  .object({
    id,
    owner_id: id,
    /** Their user name. */
    owner_name: z.string().optional(),
    organization_id: id,
    name: z.string(),
    your_role: z.enum(workspaceStandings).optional(),
    your_actions: z.array(z.enum(workspaceActions)).optional(),
    created_at: timestamp,
    updated_at: timestamp,
    latest_build: z.object({ build_number: z.int(), created_at: timestamp }),
    agent: workspaceAgent,
  })
  .meta({ id: "Workspace" });
export type Workspace = z.infer<typeof workspace>;

export const workspaceName = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/, {
    error: "Use 1 to 32 letters, digits or dashes; begin and end with a letter or digit.",
  });

/** `POST /api/v2/workspaces`: a workspace that somebody connects by hand. */
export const createWorkspaceRequest = z
  .object({ name: workspaceName, organization_id: id.optional() })
  .meta({ id: "CreateWorkspaceRequest" });

/**
 * `POST /api/v2/workspaces` and `POST /api/v2/workspaces/{workspace}/builds`: the token is shown this
 * once. A new build has a new agent; the agent of the build before is cut off.
 */
export const workspaceConnection = z
  .object({
    workspace,
    /** `TIDELINE_AGENT_TOKEN` of the command below. */
    agent_token: z.string(),
    /** Shell lines that fetch the agent from this deployment and start it. */
    command: z.string(),
  })
  .meta({ id: "WorkspaceConnection" });
export type WorkspaceConnection = z.infer<typeof workspaceConnection>;

/** `GET /api/v2/workspaces`. */
export const workspacesResponse = z
  .object({ workspaces: z.array(workspace), count: z.int() })
  .meta({ id: "WorkspacesResponse" });
