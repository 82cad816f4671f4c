import { createRoute } from "@hono/zod-openapi";
import { version } from "../package.json";
import { createRouter, jsonAnswer } from "./access/router.ts";
import { health } from "./contract/health.ts";
import { buildInfo } from "./contract/identity.ts";
import { readHealth } from "./platform/health.ts";

const healthRoute = createRoute({
  method: "get",
  path: "/healthz",
  operationId: "readHealth",
  tags: ["Deployment"],
  summary: "Whether the deployment has what it needs",
  security: [],
  responses: { 200: jsonAnswer(health, "Everything is there"), 503: jsonAnswer(health, "What is missing") },
});

export const healthRoutes = createRouter().openapi(healthRoute, async function health(c) {
  const state = await readHealth(c.env);
  if (state.ok) return c.json(state, 200);
  return c.json(state, 503, { "retry-after": "30" });
});

const buildInfoRoute = createRoute({
  method: "get",
  path: "/buildinfo",
  operationId: "readBuildInfo",
  tags: ["Deployment"],
  summary: "What is running here",
  security: [],
  responses: { 200: jsonAnswer(buildInfo, "Name, version and address") },
});

export const systemRoutes = createRouter().openapi(buildInfoRoute, async function buildInfo(c) {
  const dashboardUrl = c.env.ACCESS_URL ?? new URL(c.req.url).origin;
  return c.json({ name: "Tideline", version, dashboard_url: dashboardUrl }, 200);
});
