import { env } from "cloudflare:workers";
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { createApp } from "../../src/app.ts";
import type { SiteRole } from "../../src/contract/identity.ts";
import { newApiKey } from "../../src/identity/api-keys.ts";
import { ALL_SCOPE } from "../../src/access/scopes.ts";
import { sessionValue, SESSION_COOKIE } from "../../src/identity/credentials.ts";
import { users, userStatusChanges } from "../../src/identity/schema.ts";
import { openSession } from "../../src/identity/sessions.ts";
import { DEFAULT_ORGANIZATION_ID, organizationMembers } from "../../src/organizations/schema.ts";
import { openDatabase } from "../../src/platform/d1.ts";
import { newId } from "../../src/platform/ids.ts";
import { createLog } from "../../src/platform/log.ts";
import { declaredAnswers } from "./declared-answers.ts";

export const ORIGIN = "http://localhost";
export const SETUP_TOKEN = "test-setup-token";
export const OWNER_PASSWORD = "a long enough password";

export interface RequestOptions extends Omit<RequestInit, "body" | "headers"> {
  /** Sent as JSON, unless it is text, which is sent as it is, or bytes, which are sent without a type. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** Somebody who sends requests. */
export interface Client {
  userId: string;
  username: string;
  request(path: string, options?: RequestOptions): Promise<Response>;
}

/** Signed in with a cookie, as a browser is; its requests carry an Origin. */
export interface SignedIn extends Client {
  sessionId: string;
  cookie: string;
}

/**
 * Sends a request as it is: no cookie, no Origin. `path` is absolute, such as `/api/v2/setup`. Waits for
 * what the request left running, so that a test sees its effects.
 */
export async function send(
  app: ReturnType<typeof createApp>,
  path: string,
  options: RequestOptions = {},
  overrides: Partial<Env> = {},
): Promise<Response> {
  const context = createExecutionContext();
  const response = await app.fetch(
    new Request(new URL(path, ORIGIN), init(options)),
    { ...env, ...overrides },
    context,
  );
  await waitOnExecutionContext(context);
  return response;
}

/**
 * The app as tests use it, on the storage of the test file: `await getTestApp()` completes the setup on
 * first use and signs its owner in. `clock` is the app's clock; set `clock.now` to move it. `logged` has a
 * line for every request. With `held`, an answer that the API description does not tell of fails its test.
 */
export async function getTestApp({ held = false } = {}) {
  const clock = { now: Date.now() };
  const logged: string[] = [];
  // Failures are still printed; a line for every request would bury them.
  const log = createLog((_, line) => logged.push(line));
  const app = createApp({ clock: () => clock.now, log });
  const db = openDatabase(env.DB);

  const hold = held ? declaredAnswers(app) : null;

  async function anonymous(path: string, options: RequestOptions = {}, overrides?: Partial<Env>): Promise<Response> {
    const response = await send(app, path, options, overrides);
    await hold?.(options.method ?? "GET", new URL(path, ORIGIN).pathname, response);
    return response;
  }

  function as(user: { userId: string; username: string }, headers: Record<string, string>): Client {
    return {
      userId: user.userId,
      username: user.username,
      request: (path, options = {}) => anonymous(path, { ...options, headers: { ...headers, ...options.headers } }),
    };
  }

  async function signIn(userId: string, username: string): Promise<SignedIn> {
    const session = await openSession(db, { id: userId }, { address: "192.0.2.1", userAgent: "test" }, clock.now);
    const cookie = `${SESSION_COOKIE}=${sessionValue(session.id, session.secret)}`;
    return { ...as({ userId, username }, { cookie, origin: ORIGIN }), sessionId: session.id, cookie };
  }

  /** A person in the default organisation, signed in; a plain member by default. */
  async function addUser(username: string, roles: SiteRole[] = ["member"]): Promise<SignedIn> {
    const userId = newId();
    const times = { createdAt: clock.now, updatedAt: clock.now };
    await db.batch([
      db
        .insert(users)
        .values({ id: userId, username, email: `${username}@example.com`, loginType: "none", roles, ...times }),
      db.insert(userStatusChanges).values({ id: newId(), userId, newStatus: "active", changedAt: clock.now }),
      db.insert(organizationMembers).values({ organizationId: DEFAULT_ORGANIZATION_ID, userId, roles: [], ...times }),
    ]);
    return signIn(userId, username);
  }

  /** The same person with an API token in place of the cookie. */
  async function withToken(user: {
    userId: string;
    username: string;
  }): Promise<Client & { key: string; keyId: string }> {
    const facts = { userId: user.userId, name: "test", scopes: [ALL_SCOPE], lifetimeSeconds: 0, createdBy: null };
    const { id, key, statement } = newApiKey(facts, clock.now);
    await db.run(statement);
    return { ...as(user, { authorization: `Bearer ${key}` }), key, keyId: id };
  }

  const existing = await readOwner(db);
  const owner = existing === undefined ? await addOwner(anonymous).then(() => readOwner(db)) : existing;
  if (owner === undefined) throw new Error("The setup made no owner");

  return {
    app,
    db,
    env,
    clock,
    logged,
    anonymous,
    owner: await signIn(owner.id, owner.username),
    addUser,
    signIn,
    withToken,
  };
}

async function readOwner(db: ReturnType<typeof openDatabase>) {
  const all = await db.select().from(users);
  return all.find((user) => user.roles.includes("owner"));
}

async function addOwner(send: (path: string, options: RequestOptions) => Promise<Response>): Promise<void> {
  const body = { token: SETUP_TOKEN, username: "ada", email: "ada@example.com", name: "Ada", password: OWNER_PASSWORD };
  const response = await send("/api/v2/setup", { method: "POST", body });
  if (response.status !== 201) throw new Error(`The setup failed: ${await response.text()}`);
}

function init({ body, headers = {}, ...rest }: RequestOptions): RequestInit {
  if (body === undefined) return { ...rest, headers };
  if (body instanceof Uint8Array) return { ...rest, body: new Uint8Array(body), headers };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { ...rest, body: text, headers: { "content-type": "application/json", ...headers } };
}
