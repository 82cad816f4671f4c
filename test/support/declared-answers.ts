import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import type { AppEnv } from "../../src/access/router.ts";
import { describeApi } from "../../src/openapi.ts";

/*
 * Holds every answer that a test of the Worker gets to what the API description says of its operation: the status
 * is named, the type is, and a JSON body has the declared fields and no others.
 */

const definition = z.object({
  type: z.literal("route"),
  route: z.object({
    method: z.string(),
    path: z.string(),
    responses: z.record(
      z.string(),
      z.object({ content: z.record(z.string(), z.object({ schema: z.unknown() })).optional() }),
    ),
  }),
});
const described = z.record(
  z.string(),
  z.record(z.string(), z.object({ responses: z.record(z.string(), z.unknown()) })),
);

/** Answers a check of one answer, which throws where the description says something else. */
export function declaredAnswers(app: OpenAPIHono<AppEnv>) {
  const paths = described.parse(describeApi(app).paths);
  const routes = app.openAPIRegistry.definitions.flatMap((one) => {
    const route = definition.safeParse(one).data?.route;
    if (route === undefined) return [];
    const matcher = new RegExp(`^${route.path.replaceAll(/\{[^}]+\}/g, "[^/]+")}$`);
    return [{ ...route, matcher, statuses: paths[route.path]?.[route.method]?.responses ?? {} }];
  });

  return async function hold(method: string, path: string, response: Response): Promise<void> {
    const asked = method === "HEAD" ? "get" : method.toLowerCase();
    const route = routes.find((one) => one.method === asked && one.matcher.test(path));
    if (route === undefined) return;
    const wrong = await wrongWith(route, method, response);
    if (wrong !== null) throw new Error(`${method} ${route.path} answered ${response.status}: ${wrong}`);
  };
}

type Route = z.infer<typeof definition>["route"] & { statuses: Record<string, unknown> };

async function wrongWith(route: Route, method: string, response: Response): Promise<string | null> {
  if (!(response.status in route.statuses)) return "the API description does not name that status";
  if (method === "HEAD" || response.status === 101 || response.status === 304) return null;
  const type = response.headers.get("content-type")?.split(";")[0] ?? "";
  const own = route.responses[response.status];
  // What is no refusal of the route's own is a problem.
  if (own === undefined || (response.status >= 400 && own.content === undefined)) {
    return type === "application/problem+json" ? null : `${type} is no problem`;
  }
  const types = Object.keys(own.content ?? {});
  if (!types.includes(type))
    return type === "" && types.length === 0 ? null : `its type is ${type}, not ${types.join()}`;
  const schema = own.content?.[type]?.schema;
  if (type !== "application/json" || !(schema instanceof z.ZodType)) return null;
  const sent: unknown = await response.clone().json();
  const parsed = schema.safeParse(sent);
  if (!parsed.success) return z.prettifyError(parsed.error);
  const more = undeclared(sent, parsed.data, "");
  return more.length === 0 ? null : `${more.join()} is not declared`;
}

/** JSON pointers to what a schema has left out. */
function undeclared(sent: unknown, parsed: unknown, at: string): string[] {
  if (Array.isArray(sent)) {
    return sent.flatMap((item, index) =>
      undeclared(item, Array.isArray(parsed) ? parsed[index] : null, `${at}/${index}`),
    );
  }
  if (sent === null || typeof sent !== "object") return [];
  const known: Record<string, unknown> = parsed !== null && typeof parsed === "object" ? { ...parsed } : {};
  return Object.entries(sent).flatMap(([name, value]) =>
    name in known ? undeclared(value, known[name], `${at}/${name}`) : [`${at}/${name}`],
  );
}
