import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import { requirePermission } from "../access/check.ts";
import { filter } from "../access/filter.ts";
import { createRouter, jsonAnswer, jsonBody, requireActor, type AppEnv } from "../access/router.ts";
import { auditInsert, CHANGED, diffOf } from "../audit/record.ts";
import { id } from "../contract/common.ts";
import {
  createWorkspaceRequest,
  workspace,
  workspaceConnection,
  workspacesResponse,
  type Workspace,
  type WorkspaceConnection,
} from "../contract/workspaces.ts";
import { chooseOrganization } from "../organizations/choice.ts";
import { forwardedUpgrade } from "../platform/forwarding.ts";
import { randomText } from "../platform/ids.ts";
import { log } from "../platform/log.ts";
import { cutPage, pageQuery, unknownCursor } from "../platform/paging.ts";
import { notFound, Problem } from "../platform/problem.ts";
import { sha256Hex } from "../platform/sealing.ts";
import { aclRoutes } from "./acl-routes.ts";
import {
  deleteWorkspace,
  insertBuild,
  insertWorkspace,
  listWorkspaces,
  readAgentByToken,
  readWorkspace,
  renameWorkspace,
  toWorkspace,
  workspaceCursor,
} from "./records.ts";
import { AGENT_HEADER, WORKSPACE_HEADER } from "./rpc.ts";
import { permittedWorkspace } from "./permitted-workspace.ts";
import { readServingAgent } from "./serving-agent.ts";
import { workspaceColumns } from "./shares.ts";

const ROOM = ["Workspaces"];

const byWorkspace = z.object({ workspace: id });

const listRoute = createRoute({
  method: "get",
  path: "/workspaces",
  operationId: "listWorkspaces",
  tags: ROOM,
  summary: "The workspaces that you may read, the last changed first",
  request: {
    query: pageQuery,
  },
  responses: { 200: jsonAnswer(workspacesResponse, "One page, and how many there are in all") },
});

const createWorkspaceRoute = createRoute({
  method: "post",
  path: "/workspaces",
  operationId: "createWorkspace",
  tags: ROOM,
  summary: "Make a workspace to connect by hand; the agent's token is shown this once",
  request: { body: jsonBody(createWorkspaceRequest) },
  responses: { 201: jsonAnswer(workspaceConnection, "The workspace and how to connect it") },
});

const readRoute = createRoute({
  method: "get",
  path: "/workspaces/{workspace}",
  operationId: "readWorkspace",
  tags: ROOM,
  summary: "One workspace",
  request: { params: byWorkspace },
  responses: { 200: jsonAnswer(workspace, "The workspace") },
});

const renameRoute = createRoute({
  method: "patch",
  path: "/workspaces/{workspace}",
  operationId: "renameWorkspace",
  tags: ROOM,
  summary: "Rename a workspace",
  request: { params: byWorkspace, body: jsonBody(createWorkspaceRequest) },
  responses: { 200: jsonAnswer(workspace, "The workspace") },
});

const forgetRoute = createRoute({
  method: "delete",
  path: "/workspaces/{workspace}",
  operationId: "deleteWorkspace",
  tags: ROOM,
  summary: "Forget a workspace: its agent is cut off, its chats stay",
  request: { params: byWorkspace },
  responses: { 204: { description: "Forgotten" } },
});

const buildRoute = createRoute({
  method: "post",
  path: "/workspaces/{workspace}/builds",
  operationId: "createWorkspaceBuild",
  tags: ROOM,
  summary: "Start a workspace anew: a new agent with a new token; the agent before is cut off",
  request: { params: byWorkspace },
  responses: { 201: jsonAnswer(workspaceConnection, "The workspace and how to connect it") },
});

export const workspaceRoutes = createRouter().route("/", aclRoutes);

workspaceRoutes.openapi(listRoute, async function listReadable(c) {
  const { after_id, limit } = c.req.valid("query");
  const actor = requireActor(c);
  const readable = filter(actor, "read", "workspace", workspaceColumns(c.env));
  const after = after_id === undefined ? null : await workspaceCursor(c.var.db, readable, after_id);
  if (after_id !== undefined && !after) throw unknownCursor();
  const found = await listWorkspaces(c.var.db, readable, { after, limit: limit + 1 });
  const shown = found.workspaces.map((row) => toWorkspace(row, actor, c.env));
  const page = cutPage(shown, limit, c.req.url);
  if (page.link !== null) c.header("link", page.link);
  return c.json({ workspaces: page.rows, count: found.count }, 200);
});

workspaceRoutes.openapi(createWorkspaceRoute, async function create(c) {
  const actor = requireActor(c);
  const { name, organization_id } = c.req.valid("json");
  const organizationId = chooseOrganization(actor, organization_id);
  requirePermission(actor, "create", { type: "workspace", ownerId: actor.userId, organizationId });
  const token = newAgentToken();
  const input = { ownerId: actor.userId, organizationId, name, tokenHash: sha256Hex(token), now: c.var.clock() };
  const made = await insertWorkspace(c.var.db, input, (id) =>
    auditInsert(c, { ...audited({ id, name, organizationId }), action: "create" }),
  );
  if (!made) throw nameTaken(name);
  return c.json(connection(c, await mustRead(c, made.id), token), 201);
});

workspaceRoutes.openapi(readRoute, async function read(c) {
  const found = await permittedWorkspace(c, c.req.valid("param").workspace, "read");
  return c.json(toWorkspace(found, requireActor(c), c.env), 200);
});

workspaceRoutes.openapi(renameRoute, async function rename(c) {
  const { workspace: found } = await permittedWorkspace(c, c.req.valid("param").workspace, "update");
  const { name } = c.req.valid("json");
  const diff = diffOf({ name: found.name }, { name });
  const audit = auditInsert(c, { ...audited(found), action: "write", diff });
  if (!(await renameWorkspace(c.var.db, found.id, name, c.var.clock(), audit))) throw nameTaken(name);
  return c.json(await mustRead(c, found.id), 200);
});

workspaceRoutes.openapi(forgetRoute, async function forget(c) {
  const { workspace: found } = await permittedWorkspace(c, c.req.valid("param").workspace, "delete");
  await deleteWorkspace(c.var.db, found.id, c.var.clock(), auditInsert(c, { ...audited(found), action: "delete" }));
  await cutOff(c, found.id, null);
  return c.body(null, 204);
});

workspaceRoutes.openapi(buildRoute, async function build(c) {
  const { workspace: found } = await permittedWorkspace(c, c.req.valid("param").workspace, "update");
  const token = newAgentToken();
  // Whoever has the token is the workspace from now on, and sees what its chats do there.
  const audit = auditInsert(c, { ...audited(found), action: "write", diff: { agent_token: { secret: true } } });
  await insertBuild(c.var.db, { workspaceId: found.id, tokenHash: sha256Hex(token), now: c.var.clock() }, audit);
  const serving = await readServingAgent(c.var.db, found.id);
  await cutOff(c, found.id, serving?.agentId ?? null);
  return c.json(connection(c, await mustRead(c, found.id), token), 201);
});

/** The agent's socket: authenticated by its token alone, forwarded to the workspace's object. */
workspaceRoutes.get("/workspaceagents/me/rpc", async function connectAgent(c) {
  const token = /^Bearer (tla_[A-Za-z0-9_-]{1,200})$/i.exec(c.req.header("authorization") ?? "")?.[1];
  const agent = token === undefined ? null : await readAgentByToken(c.var.db, sha256Hex(token));
  if (!agent) {
    throw new Problem(401, "The agent's token is not valid.", {
      detail: "The workspace was started anew or forgotten. Connect it again from its page.",
      headers: { "www-authenticate": 'Bearer realm="tideline agent"' },
    });
  }
  const upgrade = forwardedUpgrade(c.req.raw, { [AGENT_HEADER]: agent.agentId, [WORKSPACE_HEADER]: agent.workspaceId });
  return c.env.WORKSPACES.getByName(agent.workspaceId).fetch(upgrade);
});

/** D1 has decided already: an agent that this call does not reach is cut off when its socket is looked over. */
async function cutOff(c: Context<AppEnv>, workspaceId: string, exceptAgentId: string | null): Promise<void> {
  try {
    await c.env.WORKSPACES.getByName(workspaceId).cutOff({ exceptAgentId });
  } catch (error) {
    log.warn("agent.not_cut_off", { workspaceId, error });
  }
}

async function mustRead(c: Context<AppEnv>, workspaceId: string): Promise<Workspace> {
  const found = await readWorkspace(c.var.db, workspaceId);
  if (!found) throw notFound(); // Somebody else forgot it meanwhile.
  return toWorkspace(found, requireActor(c), c.env);
}

function connection(c: Context<AppEnv>, made: Workspace, token: string): WorkspaceConnection {
  const origin = (c.env.ACCESS_URL || new URL(c.req.url).origin).replace(/\/+$/, "");
  return {
    workspace: made,
    agent_token: token,
    command: [
      `curl -fsSL ${origin}/tideline-agent.cjs -o tideline-agent.cjs`,
      `TIDELINE_URL=${origin} TIDELINE_AGENT_TOKEN=${token} node tideline-agent.cjs`,
    ].join("\n"),
  };
}

function newAgentToken(): string {
  return `tla_${randomText(32)}`;
}

function nameTaken(name: string): Problem {
  const detail = `Its owner has a workspace named "${name}" already.`;
  return new Problem(409, "That name is taken.", { detail, errors: [{ pointer: "/name", detail }] });
}

/** What every line of the audit log says of a workspace, written where the statement before it changed one. */
function audited({ id, name, organizationId }: { id: string; name: string; organizationId: string }) {
  return {
    resourceType: "workspace" as const,
    resourceId: id,
    target: name,
    organizationId,
    when: CHANGED,
  };
}
