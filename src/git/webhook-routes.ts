import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { createRouter } from "../access/router.ts";
import { gitProviderTypes } from "../contract/git.ts";
import { readExternalAuth } from "../external-auth/settings.ts";
import { clientAddress } from "../identity/login-limit.ts";
import { Problem } from "../platform/problem.ts";
import { limitRate } from "../platform/rate-limit.ts";
import { markByEvent } from "./marks.ts";
import { gitUrls } from "./providers/urls.ts";
import { wakeGitSync } from "./sync/wake.ts";
import { readGitEvent } from "./webhook-events.ts";
import { isSigned } from "./webhook-signature.ts";

/** GitHub sends up to 25 MiB; what we read of an event is in kilobytes, and only a push of thousands of commits is more. */
const MAX_BODY_BYTES = 1024 * 1024;
/** A large organisation's busiest minute comes from a handful of addresses. What is refused, the next look finds. */
const EVENTS = { limit: 1_200, windowMs: 60_000 };

const receive = createRoute({
  method: "post",
  path: "/git/webhooks/{provider}",
  operationId: "receiveGitWebhook",
  tags: ["Git"],
  summary: "Be told by GitHub, GitLab or Gitea that a pull request or a branch has changed",
  description:
    "For the provider's own webhooks, with the secret of `EXTERNAL_AUTH_<N>_WEBHOOK_SECRET`, as JSON. The signature " +
    "over the body (`X-Hub-Signature-256`, `X-Gitea-Signature`), or GitLab's `X-Gitlab-Token`, takes the place of a " +
    "sign-in. Events of other kinds are fine and change nothing; so does an event that comes twice.",
  request: { params: z.object({ provider: z.string() }) },
  responses: {
    204: { description: "Taken; the chats that it is about are being looked after" },
    401: { description: "The signature does not fit, or no webhooks are taken for this provider" },
    413: { description: "More than 1 MiB" },
  },
});

export const gitWebhookRoutes = createRouter();

gitWebhookRoutes.openapi(receive, async function receiveGitWebhook(c) {
  const now = c.var.clock();
  const { headers } = c.req.raw;
  await limitRate(c.var.db, `git-webhook:${clientAddress(headers)}`, EVENTS, now);
  const body = new Uint8Array(await c.req.arrayBuffer());
  if (body.byteLength > MAX_BODY_BYTES) throw new Problem(413, "The event is too large.", { detail: "At most 1 MiB." });

  const { providers } = readExternalAuth(c.env);
  const settings = providers.find(({ id }) => id === c.req.valid("param").provider);
  const type = gitProviderTypes.find((known) => known === settings?.type);
  if (settings === undefined || type === undefined || !isSigned(type, headers, body, settings.webhookSecret)) {
    throw new Problem(401, "The signature does not fit.", {
      detail: "The webhook's secret must be the provider's WEBHOOK_SECRET in this deployment's configuration.",
    });
  }
  const event = readGitEvent(type, headers, readJson(body), gitUrls(type, settings.apiBaseUrl));
  if (event !== null) {
    const owners = await markByEvent(c.var.db, { providerId: settings.id, providers }, event, now);
    // The provider waits for the answer, and has nothing to learn from what comes of it.
    c.executionCtx.waitUntil(wakeGitSync(c.env, owners));
  }
  return c.body(null, 204);
});

function readJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw new Problem(400, "The event is not JSON.", { detail: "Set the webhook's content type to application/json." });
  }
}
