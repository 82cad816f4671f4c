import { Hono } from "hono";
import { createRouter, type AppEnv } from "./access/router.ts";
import { answerPage } from "./app-pages.ts";
import { auditRoutes } from "./audit/routes.ts";
import { actionRoutes } from "./chats/action-routes.ts";
import { readAhead } from "./chats/ahead.ts";
import { fileRoutes } from "./chats/file-routes.ts";
import { queueRoutes } from "./chats/queue-routes.ts";
import { chatRoutes } from "./chats/routes.ts";
import { searchRoutes } from "./chats/search-routes.ts";
import { settingsRoutes } from "./chats/settings-routes.ts";
import { shareRoutes } from "./chats/share-routes.ts";
import { transferRoutes } from "./chats/transfer-routes.ts";
import { unreadRoutes } from "./chats/unread-routes.ts";
import { answerError, answerUnknownPath } from "./error-answers.ts";
import { authentication } from "./identity/middleware.ts";
import { externalAuthPages, externalAuthRoutes } from "./external-auth/routes.ts";
import { gitChatRoutes } from "./git/chat-routes.ts";
import { gitRoutes } from "./git/routes.ts";
import { gitWebhookRoutes } from "./git/webhook-routes.ts";
import { identityRoutes } from "./identity/routes.ts";
import { insightRoutes } from "./insights/routes.ts";
import { modelRoutes } from "./models/routes.ts";
import { docsRoutes } from "./openapi.ts";
import { systemRolesAtStart } from "./organizations/at-start.ts";
import { organizationRoomRoutes } from "./organizations/routes.ts";
import { systemClock, type Clock } from "./platform/clock.ts";
import { log, type Log } from "./platform/log.ts";
import { limitBody, requestFrame } from "./request-middleware.ts";
import { rightsRoutes } from "./rights-routes.ts";
import { healthRoutes, systemRoutes } from "./system-routes.ts";
import { usageLimitRoutes } from "./usage/limit-routes.ts";
import { repricingRoutes } from "./usage/repricing-routes.ts";
import { usageRoutes } from "./usage/routes.ts";
import { workspaceRoutes } from "./workspaces/routes.ts";

/** What stands under `/chats`. One chat comes last: `/chats/models` is none. */
const roomsOfChats = [
  modelRoutes,
  repricingRoutes,
  usageRoutes,
  usageLimitRoutes,
  insightRoutes,
  gitRoutes,
  gitChatRoutes,
  settingsRoutes,
  fileRoutes,
  unreadRoutes,
  searchRoutes,
  transferRoutes,
  shareRoutes,
  queueRoutes,
  actionRoutes,
  chatRoutes,
];

/** What stands beside them. */
const rooms = [
  systemRoutes,
  rightsRoutes,
  identityRoutes,
  organizationRoomRoutes,
  auditRoutes,
  workspaceRoutes,
  externalAuthRoutes,
  gitWebhookRoutes,
];

/** The whole HTTP side: middleware, every feature's routes, the error format, and the assets for all else. */
export function createApp(options: { clock?: Clock; log?: Log } = {}) {
  const app = createRouter();
  app.use(requestFrame(options.clock ?? systemClock, options.log ?? log));
  app.use("/api/*", limitBody, readAhead, authentication, systemRolesAtStart());

  app.route("/", healthRoutes);
  for (const routes of [...rooms, ...roomsOfChats]) app.route("/api/v2", routes);
  // The address of older clients. A plain router in between keeps it out of the API description.
  const older = new Hono<AppEnv>();
  for (const routes of roomsOfChats) older.route("/", routes);
  app.route("/api/experimental", older);
  app.route("/api", docsRoutes(app));

  app.all("/api/*", (c) => answerUnknownPath(app, c));
  app.route("/", externalAuthPages);
  app.all("*", answerPage);
  app.onError(answerError);
  return app;
}
