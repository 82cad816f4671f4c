import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { ALL_SCOPE } from "../../../src/access/scopes.ts";
import type { OrganizationRole } from "../../../src/contract/organizations.ts";
import { connectStatement } from "../../../src/external-auth/links.ts";
import { newApiKey } from "../../../src/identity/api-keys.ts";
import { SESSION_COOKIE } from "../../../src/identity/credentials.ts";
import { outsideAccounts } from "../../../src/identity/outside/schema.ts";
import { passkeys } from "../../../src/identity/passkeys/schema.ts";
import { users } from "../../../src/identity/schema.ts";
import { DEFAULT_ORGANIZATION_ID, groups, organizationMembers } from "../../../src/organizations/schema.ts";
import { runBatch } from "../../../src/platform/d1.ts";
import { newId } from "../../../src/platform/ids.ts";
import { PNG } from "../../chats/file-bytes.ts";
import { useModel } from "../../chats/scripted-model.ts";
import { createChat } from "../../chats/support.ts";
import { getTestApp, ORIGIN, type Client, type SignedIn } from "../../support/app.ts";
import { soon } from "../../support/soon.ts";

/*
 * The people of the matrix, what they own, and every way to say who one is. `self` owns the objects at home,
 * in the default organisation; `stranger` owns those that are far, in an organisation that nobody else is in.
 */

/** A turn that never ends by itself, so that a chat has a queue. */
useModel(async function* (request) {
  yield { type: "text-delta", text: "Working" };
  await new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));
});

export const test = await getTestApp();
const { addUser, clock, db, owner } = test;

export const names = [
  "owner",
  "auditor",
  "userAdmin",
  "templateAdmin",
  "self",
  "viewer",
  "collaborator",
  "groupViewer",
  "colleague",
  "orgAdmin",
  "orgAuditor",
  "orgUserAdmin",
  "orgTemplateAdmin",
  "stranger",
  "service",
] as const;
export type Name = (typeof names)[number];

async function withOrganizationRole(username: string, role: OrganizationRole): Promise<SignedIn> {
  const person = await addUser(username);
  await db
    .update(organizationMembers)
    .set({ roles: [role] })
    .where(eq(organizationMembers.userId, person.userId));
  return person;
}

async function serviceAccount(): Promise<SignedIn> {
  const made = await addUser("service");
  await db.update(users).set({ isServiceAccount: true, email: "" }).where(eq(users.id, made.userId));
  return made;
}

async function inOrganization(person: SignedIn, organizationId: string): Promise<SignedIn> {
  await db.update(organizationMembers).set({ organizationId }).where(eq(organizationMembers.userId, person.userId));
  return person;
}

const made = z.object({ id: z.string() });

async function post(client: Client, path: string, body: unknown): Promise<string> {
  const response = await client.request(`/api/v2${path}`, { method: "POST", body });
  const text = await response.text();
  if (!response.ok) throw new Error(`POST ${path} answers ${response.status}: ${text}`);
  const answer = z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  return made.parse(answer["workspace"] ?? answer["link"] ?? answer).id;
}

let counter = 0;
/** A name that nobody has yet. */
export const aName = () => `thing-${counter++}`;

const farOrganization = await post(owner, "/organizations", { name: "far" });

export const people: Record<Name, SignedIn> = {
  owner,
  auditor: await addUser("auditor", ["member", "auditor"]),
  userAdmin: await addUser("user-admin", ["member", "user-admin"]),
  templateAdmin: await addUser("template-admin", ["member", "template-admin"]),
  self: await addUser("self"),
  viewer: await addUser("viewer"),
  collaborator: await addUser("collaborator"),
  groupViewer: await addUser("group-viewer"),
  colleague: await addUser("colleague"),
  orgAdmin: await withOrganizationRole("org-admin", "organization-admin"),
  orgAuditor: await withOrganizationRole("org-auditor", "organization-auditor"),
  orgUserAdmin: await withOrganizationRole("org-user-admin", "organization-user-admin"),
  orgTemplateAdmin: await withOrganizationRole("org-template-admin", "organization-template-admin"),
  stranger: await inOrganization(await addUser("stranger"), farOrganization),
  service: await serviceAccount(),
};

/** Somebody whose credentials were good until they were suspended. */
export const suspended = await addUser("suspended");

export type Place = "home" | "far";
const owners: Record<Place, SignedIn> = { home: people.self, far: people.stranger };
const organizationOf: Record<Place, string> = { home: DEFAULT_ORGANIZATION_ID, far: farOrganization };

/** What stands for `{name}` in a path. */
export type Ids = Record<string, string>;

const shareGroup = await post(owner, `/organizations/${DEFAULT_ORGANIZATION_ID}/groups`, { name: "shared-with" });
await expectOk(owner, "PATCH", `/groups/${shareGroup}`, { add_users: [people.groupViewer.userId] });

async function expectOk(client: Client, method: string, path: string, body: unknown): Promise<Response> {
  const response = await client.request(`/api/v2${path}`, { method, body });
  if (!response.ok) throw new Error(`${method} ${path} answers ${response.status}: ${await response.text()}`);
  return response;
}

async function share(path: string, [less, more]: [string, string]): Promise<void> {
  await expectOk(people.self, "PATCH", path, {
    user_roles: { [people.viewer.userId]: less, [people.collaborator.userId]: more },
    group_roles: { [shareGroup]: less },
  });
}

const page = z.object({
  messages: z.array(z.object({ id: z.number(), role: z.string() })),
  queued_messages: z.array(z.object({ id: z.number() })),
});

/** Nobody answers there. */
const unreachable = { provider: "anthropic", api_key: "sk-matrix", base_url: "https://nobody.example.com" };

/** What every request here finds set up: a service that is neither asked whether it knows a token nor gives codes. */
export const EXTERNAL_AUTH = {
  EXTERNAL_AUTH_0_ID: "matrix",
  EXTERNAL_AUTH_0_CLIENT_ID: "tideline",
  EXTERNAL_AUTH_0_AUTH_URL: "https://nobody.example.com/authorize",
  EXTERNAL_AUTH_0_TOKEN_URL: "https://nobody.example.com/token",
};

/** How each kind of thing is made anew, for a request that would use the old one up. */
export const makers = {
  async chat(place: Place): Promise<Ids> {
    const client = owners[place];
    const { id } = await createChat(client, "keep on");
    await expectOk(client, "POST", `/chats/${id}/messages`, { content: [{ type: "text", text: "waits" }] });
    if (place === "home") await share(`/chats/${id}/shares`, ["viewer", "collaborator"]);
    return soon(async () => {
      const { messages, queued_messages } = page.parse(
        await (await client.request(`/api/v2/chats/${id}/messages`)).json(),
      );
      const message = messages.findLast(({ role }) => role === "user")?.id;
      const entry = queued_messages.at(-1)?.id;
      if (message === undefined || entry === undefined) throw new Error("The chat is not at work yet");
      return { chat: id, message: String(message), entry: String(entry) };
    });
  },
  async workspace(place: Place): Promise<Ids> {
    const workspace = await post(owners[place], "/workspaces", { name: aName() });
    if (place === "home") await share(`/workspaces/${workspace}/acl`, ["use", "admin"]);
    return { workspace };
  },
  /** An account in the organisation, of somebody who has no part in anything else. */
  async account(place: Place): Promise<Ids> {
    const person = await addUser(aName());
    if (place === "far") await inOrganization(person, organizationOf.far);
    return { user: person.userId };
  },
  /** Somebody who is in no organisation yet. */
  async newcomer(): Promise<Ids> {
    const person = await addUser(aName());
    await db.delete(organizationMembers).where(eq(organizationMembers.userId, person.userId));
    return { user: person.userId };
  },
  async organization(): Promise<Ids> {
    return { organization: await post(owner, "/organizations", { name: aName() }) };
  },
  async group(place: Place): Promise<Ids> {
    return { group: await post(owner, `/organizations/${organizationOf[place]}/groups`, { name: aName() }) };
  },
  async token(place: Place): Promise<Ids> {
    return { keyid: await post(owners[place], "/users/me/keys/tokens", { token_name: aName() }) };
  },
  async session(place: Place): Promise<Ids> {
    return { session: (await test.signIn(owners[place].userId, owners[place].username)).sessionId };
  },
  async passkey(place: Place): Promise<Ids> {
    const id = newId();
    await db.insert(passkeys).values({
      ...{ id, userId: owners[place].userId, credentialId: id, publicKey: "none", counter: 0, transports: [] },
      ...{ backedUp: false, name: "key", createdAt: clock.now },
    });
    return { passkey: id };
  },
  async outsideAccount(place: Place): Promise<Ids> {
    const id = newId();
    await db.delete(outsideAccounts).where(eq(outsideAccounts.userId, owners[place].userId));
    await db.insert(outsideAccounts).values({
      ...{ id, userId: owners[place].userId, way: "oidc", issuer: "https://issuer.example", subject: id },
      ...{ createdAt: clock.now, lastUsedAt: clock.now },
    });
    return { account: id };
  },
  async secondFactor(place: Place): Promise<Ids> {
    await db.run(sql`insert into second_factors (user_id, sealed_secret, last_step, created_at)
      values (${owners[place].userId}, 'none', 0, 0) on conflict do nothing`);
    return {};
  },
  async spendLimit(): Promise<Ids> {
    const { userId: user } = await addUser(aName());
    await db.update(users).set({ chatSpendLimitMicros: 1 }).where(eq(users.id, user));
    return { user };
  },
  async groupSpendLimit(place: Place): Promise<Ids> {
    const { group } = await makers.group(place);
    await db
      .update(groups)
      .set({ chatSpendLimitMicros: 1 })
      .where(eq(groups.id, group ?? ""));
    return { group: group ?? "" };
  },
  /** Of everybody, to a service that is not asked anything. */
  async externalAuthLinks(): Promise<Ids> {
    const tokens = { accessToken: "none", refreshToken: "", expiresAt: null, extra: null };
    const linked = Object.values(people).map(({ userId }) =>
      connectStatement(
        test.env.SECRET_KEY,
        { userId, providerId: EXTERNAL_AUTH.EXTERNAL_AUTH_0_ID },
        tokens,
        clock.now,
      ),
    );
    await runBatch(db, await Promise.all(linked));
    return {};
  },
  async invite(): Promise<Ids> {
    return { invite: await post(owner, "/invites", {}) };
  },
  async provider(): Promise<Ids> {
    const listed = z
      .array(z.object({ id: z.string(), provider: z.string(), source: z.string() }))
      .parse(await (await owner.request("/api/v2/chats/providers")).json());
    const existing = listed.find(({ provider, source }) => provider === "anthropic" && source === "database");
    if (existing !== undefined) return { id: existing.id };
    return { id: await post(owner, "/chats/providers", unreachable) };
  },
  async modelConfig(): Promise<Ids> {
    await makers.provider();
    const config = { provider: "anthropic", model: aName(), context_limit: 1000 };
    const id = await post(owner, "/chats/model-configs", config);
    return { id, modelConfig: id };
  },
} satisfies Record<string, (place: Place) => Promise<Ids>>;
export type Maker = keyof typeof makers;

async function settle(place: Place): Promise<Ids> {
  const upload = await owners[place].request("/api/v2/chats/files", { method: "POST", body: PNG });
  const { id: file } = made.parse(await upload.json());
  const kinds = [
    "chat",
    "workspace",
    "group",
    "token",
    "session",
    "passkey",
    "outsideAccount",
    "secondFactor",
  ] as const;
  let ids: Ids = { user: owners[place].userId, organization: organizationOf[place], file, way: "oidc" };
  for (const kind of kinds) ids = { ...ids, ...(await makers[kind](place)) };
  // Whom the chat is shared with may read a file that was said in it.
  const content = [{ type: "file", file_id: file }];
  await expectOk(owners[place], "POST", `/chats/${ids["chat"]}/messages`, { content });
  return ids;
}

export const settled: Record<Place, Ids> = { home: await settle("home"), far: await settle("far") };
await post(owner, "/chats/providers", { provider: "google", api_key: "sk-matrix" });
const lastingConfig = { provider: "google", model: "lasting", context_limit: 1000 };
export const shared: Ids = {
  ...(await makers.modelConfig()),
  ...(await makers.invite()),
  modelConfig: await post(owner, "/chats/model-configs", lastingConfig),
  external_auth: EXTERNAL_AUTH.EXTERNAL_AUTH_0_ID,
};

/** Every spelling in which a request may say who sends it. */
export const spellings = {
  cookie: (secret: string) => ({ cookie: `${SESSION_COOKIE}=${secret}`, origin: ORIGIN }),
  bearer: (secret: string) => ({ authorization: `Bearer ${secret}` }),
  xApiKey: (secret: string) => ({ "x-api-key": secret }),
  sessionTokenHeader: (secret: string) => ({ "tideline-session-token": secret }),
} satisfies Record<string, (secret: string) => Record<string, string>>;

export interface Sender {
  label: string;
  kind: "session" | "token";
  /** Of a token; a session has all. */
  scopes: readonly string[];
  headers: Record<string, string>;
}

export const scopeSets = [["*:read"], ["chat:*"]] as const;

/** All ways in which this person may say who they are, the plainest first. */
export async function sendersOf(person: SignedIn): Promise<Sender[]> {
  const token = async (scopes: readonly string[]) => {
    const facts = { userId: person.userId, name: scopes.join(), scopes, lifetimeSeconds: 0, createdBy: null };
    const { key, statement } = newApiKey(facts, clock.now);
    await db.run(statement);
    return key;
  };
  const session = person.cookie.slice(SESSION_COOKIE.length + 1);
  const key = await token([ALL_SCOPE]);
  const all = Object.entries(spellings).flatMap(([spelling, headers]): Sender[] => [
    { label: `session in ${spelling}`, kind: "session", scopes: [ALL_SCOPE], headers: headers(session) },
    { label: `token in ${spelling}`, kind: "token", scopes: [ALL_SCOPE], headers: headers(key) },
  ]);
  const scoped = scopeSets.map(async (scopes): Promise<Sender> => ({
    ...{ label: `token for ${scopes.join()}`, kind: "token", scopes },
    headers: spellings.bearer(await token(scopes)),
  }));
  return [...all, ...(await Promise.all(scoped))];
}

/** The plainest of each kind, and those with scopes: for what is far, where a spelling makes no difference anymore. */
export function plainOnes(all: readonly Sender[]): Sender[] {
  return all.filter(
    ({ label }) =>
      ["session in cookie", "token in bearer"].some((end) => label.endsWith(end)) ||
      label.startsWith("token for") ||
      label === "anonymous",
  );
}

export const senders = new Map<Name, Sender[]>();
for (const name of names) senders.set(name, await sendersOf(people[name]));

const suspendedSenders = await sendersOf(suspended);
await db.update(users).set({ status: "suspended" }).where(eq(users.id, suspended.userId));
/** Whose requests are nobody's. */
export const nobodies: Sender[] = [
  { label: "anonymous", kind: "session", scopes: [], headers: { origin: ORIGIN } },
  ...suspendedSenders.map((sender) => ({ ...sender, label: `suspended, ${sender.label}` })),
];
