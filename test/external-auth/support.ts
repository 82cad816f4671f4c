import { env } from "cloudflare:workers";
import { afterAll, beforeEach, vi } from "vitest";
import { connectStatement, type Tokens } from "../../src/external-auth/links.ts";
import { externalAuthLinks } from "../../src/external-auth/schema.ts";
import { runBatch } from "../../src/platform/d1.ts";
import { OAuthProvider } from "../fixtures/oauth-server/provider.ts";
import { OidcProvider } from "../fixtures/oidc-server/provider.ts";
import { getTestApp, ORIGIN, type RequestOptions, type SignedIn } from "../support/app.ts";

export const test = await getTestApp();
export const github = new OAuthProvider("https://git.example.org");
export const other = new OAuthProvider("https://other.example.org");
export const oidc = await OidcProvider.create("https://id.example.org", [`${ORIGIN}/api/v2/users/oidc/callback`]);

/** A UserObject has the settings of the deployment, and not those of a request. */
Object.assign(env, github.settings(0), other.settings(1), {
  EXTERNAL_AUTH_1_ID: "other",
  EXTERNAL_AUTH_1_DEVICE_FLOW: "true",
  EXTERNAL_AUTH_2_ID: "broken",
  ...github.genericSettings(3),
  EXTERNAL_AUTH_3_ID: "generic",
  OIDC_ISSUER_URL: oidc.issuer,
  OIDC_CLIENT_ID: oidc.client.id,
  OIDC_CLIENT_SECRET: oidc.client.secret,
  OIDC_ALLOW_SIGNUPS: "true",
});

const fresh = new OAuthProvider("");
/** Everything in between is real; only the network ends at the providers. */
const network = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
  const request = new Request(input, init);
  for (const provider of [github, other]) if (request.url.startsWith(provider.base)) return provider.answer(request);
  if (request.url.startsWith(oidc.issuer)) return oidc.answer(request);
  throw new TypeError(`Nobody is there: ${request.url}`);
});
afterAll(() => network.mockRestore());

beforeEach(() => {
  for (const provider of [github, other]) {
    const { lifetimeSeconds, refreshMs, denies, validationStatus, lateBy, revocationStatus, installations } = fresh;
    Object.assign(provider, {
      lifetimeSeconds,
      refreshMs,
      denies,
      validationStatus,
      lateBy,
      revocationStatus,
      installations,
    });
    provider.mishaps = [];
    Object.assign(provider.hits, { code: 0, refresh: 0, validate: 0, revoke: 0, device: 0 });
  }
});

/** Somebody who connected GitHub a while ago; the access is over unless it is said when it is. */
export async function connected(username: string, changes: Partial<Tokens> = {}): Promise<SignedIn> {
  const person = await test.addUser(username);
  const tokens: Tokens = { ...github.issue(), expiresAt: Date.now() - 1, extra: null, ...changes };
  const whose = { userId: person.userId, providerId: "github" };
  await runBatch(test.db, [await connectStatement(env.SECRET_KEY, whose, tokens, test.clock.now)]);
  return person;
}

export async function rowOf(userId: string) {
  const rows = await test.db.select().from(externalAuthLinks);
  return rows.find((row) => row.userId === userId);
}

/** A browser: follows redirects between us and the providers and keeps our cookies, those of a path apart. */
export function browser(person: SignedIn | null) {
  const jar = new Map<string, { value: string; path: string }>();
  const become = (who: SignedIn | null) => {
    const [name = "", value = ""] = (who?.cookie ?? "").split("=");
    if (who === null) jar.delete("tideline_session /");
    else jar.set(`${name} /`, { value, path: "/" });
  };
  become(person);

  async function request(path: string, options: RequestOptions = {}): Promise<Response> {
    const { pathname } = new URL(path, ORIGIN);
    const sent = [...jar].filter(([, cookie]) => pathname.startsWith(cookie.path));
    const cookie = sent.map(([key, { value }]) => `${key.split(" ")[0]}=${value}`).join("; ");
    const response = await test.anonymous(path, { ...options, headers: { ...options.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [name = "", ...value] = (line.split(";")[0] ?? "").split("=");
      const path = /Path=([^;]+)/.exec(line)?.[1] ?? "/";
      if (line.includes("Max-Age=0")) jar.delete(`${name} ${path}`);
      else jar.set(`${name} ${path}`, { value: value.join("="), path });
    }
    return response;
  }
  /** One step: where it leads. */
  async function step(at: string, options: RequestOptions = {}): Promise<string> {
    const url = new URL(at, ORIGIN);
    const response =
      url.origin === ORIGIN
        ? await request(url.pathname + url.search, options)
        : await fetch(url.href, { redirect: "manual", headers: { "user-agent": "browser" } });
    if (![302, 307].includes(response.status)) throw new Error(`${at} answers ${response.status}`);
    return response.headers.get("location") ?? "";
  }
  /** Where it ends: the path of the last page of ours. */
  async function follow(from: string, options: RequestOptions = {}): Promise<string> {
    let at = from;
    for (let hops = 0; hops < 10; hops++) {
      at = await step(at, options);
      const url = new URL(at, ORIGIN);
      const isPage = !url.pathname.startsWith("/api/") && !url.pathname.startsWith("/external-auth/");
      if (url.origin === ORIGIN && isPage) return url.pathname + url.search;
    }
    throw new Error("Too many redirects");
  }
  return { jar, become, request, step, follow };
}
