import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import { requirePermission } from "../access/check.ts";
import { createRouter, jsonAnswer, jsonBody, requireActor, type AppEnv } from "../access/router.ts";
import { auditInsert, CHANGED, diffOf } from "../audit/record.ts";
import { id } from "../contract/common.ts";
import {
  createProviderRequest,
  provider,
  testProviderRequest,
  testProviderResponse,
  updateProviderRequest,
  type ProviderName,
} from "../contract/models.ts";
import { checkOutgoingUrl } from "../platform/outgoing.ts";
import { notFound, Problem } from "../platform/problem.ts";
import { seal, unseal } from "../platform/sealing.ts";
import { endpointOf } from "./connection.ts";
import { readModelState, type ModelState } from "./offers.ts";
import { createProvider, deleteProvider, updateProvider } from "./provider-records.ts";
import { connectionOf, type EffectiveProvider, type ProviderRow } from "./providers.ts";
import { testModel, testProvider } from "./test-call.ts";
import { toProvider } from "./wire.ts";

const settings = { type: "deployment_config" } as const;
const params = z.object({ id });

const listProviders = createRoute({
  method: "get",
  path: "/chats/providers",
  operationId: "listChatProviders",
  tags: ["Models"],
  summary: "List every supported provider, set up or not",
  responses: { 200: jsonAnswer(z.array(provider), "The providers") },
});

const addProvider = createRoute({
  method: "post",
  path: "/chats/providers",
  operationId: "createChatProvider",
  tags: ["Models"],
  summary: "Set up a provider; its key is stored sealed and never shown",
  request: { body: jsonBody(createProviderRequest) },
  responses: { 201: jsonAnswer(provider, "The provider") },
});

const changeProvider = createRoute({
  method: "patch",
  path: "/chats/providers/{id}",
  operationId: "updateChatProvider",
  tags: ["Models"],
  summary: "Change a provider; a key or address that is null or absent stays, an empty one is cleared",
  request: { params, body: jsonBody(updateProviderRequest) },
  responses: { 200: jsonAnswer(provider, "The provider") },
});

const removeProvider = createRoute({
  method: "delete",
  path: "/chats/providers/{id}",
  operationId: "deleteChatProvider",
  tags: ["Models"],
  summary: "Remove a provider and its models",
  request: { params },
  responses: { 204: { description: "Removed" } },
});

const tryProvider = createRoute({
  method: "post",
  path: "/chats/providers/{id}/test",
  operationId: "testChatProvider",
  tags: ["Models"],
  summary: "Ask a provider for one short answer, by its id or, for a preset of the environment, its name",
  request: { params: z.object({ id: z.string().max(100) }), body: jsonBody(testProviderRequest) },
  responses: { 200: jsonAnswer(testProviderResponse, "Whether it answered, or what went wrong") },
});

export const providerRoutes = createRouter()
  .openapi(listProviders, async function listAllProviders(c) {
    requirePermission(requireActor(c), "read", settings);
    const { providers } = await readModelState(c.var.db, c.env, c.var.clock);
    return c.json(providers.map(toProvider), 200);
  })
  .openapi(addProvider, async function addNewProvider(c) {
    const actor = requireActor(c);
    requirePermission(actor, "update", settings);
    const request = c.req.valid("json");
    checkApiKey(request.api_key);
    checkBaseUrl(request.base_url, c.env);
    const sealed = await sealKey(request.api_key ?? "", c.env);
    const by = { userId: actor.userId, now: c.var.clock() };
    const row = await createProvider(c.var.db, request, sealed, by, (id) =>
      auditInsert(c, {
        action: "create",
        resourceType: "provider",
        resourceId: id,
        target: request.display_name || request.provider,
        diff: diffOf(
          {},
          {
            provider: request.provider,
            display_name: request.display_name ?? "",
            base_url: request.base_url ?? "",
            enabled: request.enabled,
            api_key: sealed === "" ? null : "set",
          },
          ["api_key"],
        ),
        when: CHANGED,
      }),
    );
    if (row === null) {
      throw new Problem(409, "This provider is set up already.", {
        detail: "There is one entry for each provider. Change the one that exists.",
        errors: [{ pointer: "/provider", detail: "It exists." }],
      });
    }
    const state = await readModelState(c.var.db, c.env, c.var.clock);
    return c.json(toProvider(requireProvider(state, row.provider)), 201);
  })
  .openapi(changeProvider, async function changeOneProvider(c) {
    requirePermission(requireActor(c), "update", settings);
    const { api_key, ...change } = c.req.valid("json");
    checkApiKey(api_key);
    checkBaseUrl(change.base_url, c.env);
    const sealedApiKey = api_key == null ? undefined : await sealKey(api_key, c.env);
    const { id } = c.req.valid("param");
    const { row: before, displayName } = await storedProvider(c, id);
    const audit = auditInsert(c, {
      action: "write",
      resourceType: "provider",
      resourceId: id,
      target: displayName,
      diff: {
        ...diffOf(
          { display_name: before.displayName, base_url: before.baseUrl, enabled: before.enabled },
          {
            display_name: change.display_name || before.displayName,
            base_url: change.base_url ?? before.baseUrl,
            enabled: change.enabled ?? before.enabled,
          },
        ),
        ...(sealedApiKey === undefined ? {} : { api_key: { secret: true } }),
      },
      when: CHANGED,
    });
    const row = await updateProvider(c.var.db, id, { ...change, sealedApiKey }, c.var.clock(), audit);
    if (row === null) throw notFound();
    const state = await readModelState(c.var.db, c.env, c.var.clock);
    return c.json(toProvider(requireProvider(state, row.provider)), 200);
  })
  .openapi(removeProvider, async function removeOneProvider(c) {
    const actor = requireActor(c);
    requirePermission(actor, "update", settings);
    const by = { userId: actor.userId, now: c.var.clock() };
    const { id } = c.req.valid("param");
    const { displayName } = await storedProvider(c, id);
    const audit = auditInsert(c, {
      action: "delete",
      resourceType: "provider",
      resourceId: id,
      target: displayName,
      when: CHANGED,
    });
    if (!(await deleteProvider(c.var.db, id, by, audit))) throw notFound();
    return c.body(null, 204);
  })
  .openapi(tryProvider, async function tryOneProvider(c) {
    requirePermission(requireActor(c), "update", settings);
    const state = await readModelState(c.var.db, c.env, c.var.clock);
    const wanted = c.req.valid("param").id;
    const tried = state.providers.find(({ row, provider: name }) => row?.id === wanted || name === wanted);
    if (tried === undefined || (tried.row === null && tried.preset === null)) throw notFound();
    const { configs } = state.settings;
    const model = testModel(tried, configs, c.req.valid("json").model);
    if (model === null) {
      const detail = "Say which model to ask, since this provider has none yet.";
      throw new Problem(400, "Which model?", { detail, errors: [{ pointer: "/model", detail }] });
    }
    const connect = () => connectionOf(tried, (sealed) => unseal(sealed, c.env.SECRET_KEY));
    return c.json(await testProvider(tried, model, configs, connect, c.env, c.var.clock), 200);
  });

function requireProvider(state: ModelState, name: ProviderName): EffectiveProvider {
  const found = state.providers.find(({ provider: known }) => known === name);
  // All names are listed, set up or not.
  if (found === undefined) throw new Error(`No provider ${name}`);
  return found;
}

async function sealKey(key: string, env: Env): Promise<string> {
  return key === "" ? "" : seal(key, env.SECRET_KEY);
}

/** Keys travel in a header, where anything but visible ASCII would fail much later and less clearly. */
function checkApiKey(key: string | null | undefined): void {
  if (key == null || /^[\x21-\x7e]*$/.test(key)) return;
  const detail = "An API key has no spaces, line breaks or special characters. Check what was pasted.";
  throw new Problem(400, "The API key is not valid.", { detail, errors: [{ pointer: "/api_key", detail }] });
}

function checkBaseUrl(text: string | null | undefined, env: Env): void {
  if (text == null || text === "") return;
  try {
    const url = checkOutgoingUrl(text, { allowPrivate: env.ALLOW_PRIVATE_PROVIDERS === "1" });
    // The form in which it is called; query and fragment would get lost on the way.
    endpointOf({ provider: "openai-compat", baseUrl: url.href });
    if (url.search !== "" || url.hash !== "")
      throw new Problem(400, "This address cannot be used.", { detail: NO_QUERY });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const detail = error.detail ?? error.title;
    throw new Problem(400, error.title, { detail, errors: [{ pointer: "/base_url", detail }] });
  }
}

const NO_QUERY = "Give the address without a query or fragment.";

/** A provider that has a row; 404 for others, which are the environment's. */
async function storedProvider(c: Context<AppEnv>, id: string): Promise<EffectiveProvider & { row: ProviderRow }> {
  const { providers } = await readModelState(c.var.db, c.env, c.var.clock);
  const found = providers.find(({ row }) => row?.id === id);
  if (found === undefined || found.row === null) throw notFound();
  return { ...found, row: found.row };
}
