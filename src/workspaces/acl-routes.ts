import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { createRouter, jsonAnswer, jsonBody } from "../access/router.ts";
import { id } from "../contract/common.ts";
import { updateWorkspaceAclRequest, workspaceAcl } from "../contract/sharing.ts";
import { changeAcl, clearAcl, readAcl } from "./acl.ts";

const ROOM = ["Workspaces"];
const PATH = "/workspaces/{workspace}/acl";
const byWorkspace = z.object({ workspace: id });

const readRoute = createRoute({
  method: "get",
  path: PATH,
  operationId: "readWorkspaceAcl",
  tags: ROOM,
  summary: "With whom a workspace is shared",
  request: { params: byWorkspace },
  responses: { 200: jsonAnswer(workspaceAcl, "People and groups with their roles") },
});

const updateRoute = createRoute({
  method: "patch",
  path: PATH,
  operationId: "updateWorkspaceAcl",
  tags: ROOM,
  summary: "Share a workspace with people and groups, or end that; who is not named keeps what they have",
  request: { params: byWorkspace, body: jsonBody(updateWorkspaceAclRequest) },
  responses: { 204: { description: "Shared" } },
});

const clearRoute = createRoute({
  method: "delete",
  path: PATH,
  operationId: "clearWorkspaceAcl",
  tags: ROOM,
  summary: "Share a workspace with nobody",
  request: { params: byWorkspace },
  responses: { 204: { description: "Nobody has it any more but its owner" } },
});

export const aclRoutes = createRouter()
  .openapi(readRoute, async function read(c) {
    return c.json(await readAcl(c, c.req.valid("param").workspace), 200);
  })
  .openapi(updateRoute, async function update(c) {
    await changeAcl(c, c.req.valid("param").workspace, c.req.valid("json"));
    return c.body(null, 204);
  })
  .openapi(clearRoute, async function clear(c) {
    await clearAcl(c, c.req.valid("param").workspace);
    return c.body(null, 204);
  });
