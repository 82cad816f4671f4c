import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import { requirePermission, type Action } from "../access/check.ts";
import { createRouter, jsonAnswer, jsonBody, requireActor, type AppEnv } from "../access/router.ts";
import { auditStatement, CHANGED, diffOf } from "../audit/record.ts";
import {
  updateUsageLimitOverrideRequest,
  updateUsageLimitRequest,
  usageLimitConfig,
  usageLimitGroupOverride,
  usageLimitOverride,
  usageLimitStatus,
  type UsageLimitConfig,
} from "../contract/usage.ts";
import { readUser } from "../identity/users.ts";
import { readModelState } from "../models/offers.ts";
import { readGroup } from "../organizations/groups.ts";
import { notFound } from "../platform/problem.ts";
import { readLimits, writeLimit, writeOverride } from "./limit-records.ts";
import { readLimitStatus } from "./limits.ts";

const ROOM = ["Spend limits"];
const userParams = z.object({ user: z.string().max(100).meta({ description: "An id or a user name." }) });
const groupParams = z.object({ group: z.string().max(100) });

const readRoute = createRoute({
  method: "get",
  path: "/chats/usage-limits",
  operationId: "readUsageLimits",
  tags: ROOM,
  summary: "The spend limits of this deployment, of users and of groups (admins)",
  description:
    "`spend_limit_micros` is null while limits are off; those of users and groups are kept for when they are on again. " +
    "`unpriced_model_count` models can be picked whose calls no limit sees, since they have no prices.",
  request: {},
  responses: { 200: jsonAnswer(usageLimitConfig, "All of them, whether or not they count at the moment") },
});

const updateRoute = createRoute({
  method: "put",
  path: "/chats/usage-limits",
  operationId: "updateUsageLimits",
  tags: ROOM,
  summary: "Set what everybody may spend in a day, week or month; null turns all limits off (admins)",
  description: "Periods are in UTC, and weeks begin on Monday. A limit counts from the next model call.",
  request: { body: jsonBody(updateUsageLimitRequest) },
  responses: { 200: jsonAnswer(usageLimitConfig, "The limits as they are now") },
});

const setUserRoute = createRoute({
  method: "put",
  path: "/chats/usage-limits/overrides/{user}",
  operationId: "updateUserUsageLimit",
  tags: ROOM,
  summary: "Give a user a spend limit of their own, which comes before all others (admins)",
  description:
    "Micro-dollars for one period of the deployment's: a million is one US dollar. It counts from the next model call, " +
    "and only while limits are on.",
  request: { params: userParams, body: jsonBody(updateUsageLimitOverrideRequest) },
  responses: { 200: jsonAnswer(usageLimitOverride, "The limit") },
});

const removeUserRoute = createRoute({
  method: "delete",
  path: "/chats/usage-limits/overrides/{user}",
  operationId: "deleteUserUsageLimit",
  tags: ROOM,
  summary: "Take a user's own spend limit away (admins)",
  request: { params: userParams },
  responses: { 204: { description: "That of their groups, or of everybody, counts; 404 when they had none" } },
});

const setGroupRoute = createRoute({
  method: "put",
  path: "/chats/usage-limits/group-overrides/{group}",
  operationId: "updateGroupUsageLimit",
  tags: ROOM,
  summary: "Set what each member of a group may spend; of several groups the lowest counts (admins)",
  description:
    "For each of them alone, not for all together. It counts before the limit of everybody and after a user's own. The " +
    "group of an organisation's members has the organisation's id.",
  request: { params: groupParams, body: jsonBody(updateUsageLimitOverrideRequest) },
  responses: { 200: jsonAnswer(usageLimitGroupOverride, "The limit") },
});

const removeGroupRoute = createRoute({
  method: "delete",
  path: "/chats/usage-limits/group-overrides/{group}",
  operationId: "deleteGroupUsageLimit",
  tags: ROOM,
  summary: "Take a group's spend limit away (admins)",
  request: { params: groupParams },
  responses: { 204: { description: "It limits nobody any more; 404 when it did not before" } },
});

const statusRoute = createRoute({
  method: "get",
  path: "/chats/usage-limits/status",
  operationId: "readUsageLimitStatus",
  tags: ROOM,
  summary: "How much of your own spend limit is spent",
  description:
    "`source` says whose limit counts: your own, the lowest of your groups, or everybody's. `reserved_micros` are set " +
    "aside for model calls that are under way, and free again once these are booked. At the limit a chat's next model " +
    "call is refused with 409 and `spent_micros`, `limit_micros` and `resets_at`.",
  request: {},
  responses: { 200: jsonAnswer(usageLimitStatus, "The status; `is_limited` is false while limits are off") },
});

export const usageLimitRoutes = createRouter()
  .openapi(readRoute, async function read(c) {
    requireSettings(c, "read");
    return c.json(await configOf(c), 200);
  })
  .openapi(updateRoute, async function update(c) {
    requireSettings(c, "update");
    const { spend_limit_micros, period } = c.req.valid("json");
    const before = await readLimits(c.var.db);
    const audit = auditStatement(c, {
      action: "write",
      resourceType: "usage_limit",
      resourceId: "everybody",
      target: "everybody",
      diff: diffOf(
        { spend_limit_micros: before.spend_limit_micros, period: before.period },
        { spend_limit_micros, period },
      ),
      when: CHANGED,
    });
    await writeLimit(c.var.db, { micros: spend_limit_micros, period, now: c.var.clock() }, audit);
    return c.json(await configOf(c), 200);
  })
  .openapi(setUserRoute, async function setUser(c) {
    requireSettings(c, "update");
    const { spend_limit_micros } = c.req.valid("json");
    const user = await mustRead(readUser(c.var.db, c.req.valid("param").user));
    await change(c, "write", { table: "users", ...user, name: user.username }, spend_limit_micros);
    const { id: user_id, username, name, avatarUrl: avatar_url } = user;
    return c.json({ user_id, username, name, avatar_url, spend_limit_micros }, 200);
  })
  .openapi(removeUserRoute, async function removeUser(c) {
    requireSettings(c, "update");
    const user = await mustRead(readUser(c.var.db, c.req.valid("param").user));
    if (!(await change(c, "delete", { table: "users", ...user, name: user.username }, null))) throw notFound();
    return c.body(null, 204);
  })
  .openapi(setGroupRoute, async function setGroup(c) {
    requireSettings(c, "update");
    const { spend_limit_micros } = c.req.valid("json");
    const group = await mustRead(readGroup(c.var.db, c.req.valid("param").group));
    await change(c, "write", { table: "groups", ...group }, spend_limit_micros);
    return c.json(
      {
        group_id: group.id,
        group_name: group.name,
        group_display_name: group.displayName,
        group_avatar_url: group.avatarUrl,
        organization_id: group.organizationId,
        member_count: group.memberCount,
        spend_limit_micros,
      },
      200,
    );
  })
  .openapi(removeGroupRoute, async function removeGroup(c) {
    requireSettings(c, "update");
    const group = await mustRead(readGroup(c.var.db, c.req.valid("param").group));
    if (!(await change(c, "delete", { table: "groups", ...group }, null))) throw notFound();
    return c.body(null, 204);
  })
  .openapi(statusRoute, async function status(c) {
    const { userId } = requireActor(c);
    requirePermission(requireActor(c), "read", { type: "usage", ownerId: userId });
    return c.json(await readLimitStatus(c.var.db, c.env.USERS, userId, c.var.clock()), 200);
  });

function requireSettings(c: Context<AppEnv>, action: Action): void {
  requirePermission(requireActor(c), action, { type: "deployment_config" });
}

async function configOf(c: Context<AppEnv>): Promise<UsageLimitConfig> {
  const [limits, { offers }] = await Promise.all([readLimits(c.var.db), readModelState(c.var.db, c.env, c.var.clock)]);
  const unpriced = offers.filter(({ source, options: { cost } }) => {
    if (source === "demo") return false;
    return cost?.input_price_per_million_tokens == null && cost?.output_price_per_million_tokens == null;
  });
  return { ...limits, unpriced_model_count: unpriced.length };
}

async function mustRead<T>(reading: Promise<T | undefined>): Promise<T> {
  const found = await reading;
  if (found === undefined) throw notFound();
  return found;
}

/** Writes the limit of a user or group with its line in the audit log. False: it was as it is. */
async function change(
  c: Context<AppEnv>,
  action: "write" | "delete",
  whose: {
    table: "users" | "groups";
    id: string;
    name: string;
    organizationId?: string;
    chatSpendLimitMicros: number | null;
  },
  micros: number | null,
): Promise<boolean> {
  const audit = auditStatement(c, {
    action,
    resourceType: "usage_limit",
    resourceId: whose.id,
    target: whose.name,
    organizationId: whose.organizationId ?? null,
    diff: diffOf({ spend_limit_micros: whose.chatSpendLimitMicros }, { spend_limit_micros: micros }),
    when: CHANGED,
  });
  return writeOverride(c.var.db, whose, micros, audit);
}
