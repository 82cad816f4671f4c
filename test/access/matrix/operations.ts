import { newId } from "../../../src/platform/ids.ts";
import { PNG } from "../../chats/file-bytes.ts";
import { upgrade } from "../../chats/support.ts";
import { aName, people, type Maker } from "./world.ts";

/** What a request of an operation looks like, and by which line of the table it is judged. */
export interface Sample {
  /** A line of `expectations.ts`; `open` needs no sign-in. */
  rule: string;
  /** Asked at home and far; else it is about nothing that belongs to somebody. */
  placed?: boolean;
  body?: () => unknown;
  headers?: Record<string, string>;
  query?: string;
  /** What a request uses up, made anew for each that is let through. */
  uses?: Maker;
  /** Not for API tokens, whoever they belong to: 403. */
  session?: boolean;
  /** About one's own account: who may not even read that with a token gets a 404. */
  own?: boolean;
  /** The status that stands for a 403 here, since it comes with the pointer to what is wrong. */
  refusal?: number;
  /** A 403 to everybody who may not, whoever it is about and whether or not they are there. */
  known?: boolean;
}

const say = (text: string) => ({ content: [{ type: "text", text }] });
const on = (rule: string, more: Omit<Sample, "rule" | "placed"> = {}): Sample => ({ rule, placed: true, ...more });
const of = (rule: string, more: Omit<Sample, "rule" | "placed"> = {}): Sample => ({ rule, ...more });
const withBody = (body: unknown) => ({ body: () => body });

const binary = "AAAA";
const credential = { id: binary, rawId: binary, type: "public-key" };
const attested = { ...credential, response: { clientDataJSON: binary, attestationObject: binary } };
const asserted = { ...credential, response: { clientDataJSON: binary, authenticatorData: binary, signature: binary } };
const password = "a long enough password";

export const samples: Record<string, Sample> = {
  // Needs no sign-in.
  readHealth: of("open"),
  readBuildInfo: of("open"),
  readSetup: of("open"),
  completeSetup: of("open", withBody({ token: "no", username: "eve", email: "eve@example.com", password })),
  login: of("open", withBody({ login: "nobody", password })),
  logout: of("open"),
  loginWithSecondFactor: of("open", withBody({ ticket: "no", code: "123456" })),
  beginPasskeyLogin: of("open"),
  loginWithPasskey: of("open", withBody({ ticket: "no", credential: asserted })),
  readAuthMethods: of("open"),
  startOidc: of("open"),
  startGitHub: of("open"),
  finishOidc: of("open"),
  finishGitHub: of("open"),
  inspectAccountLink: of("open", withBody({ token: "no" })),
  acceptInvite: of("open", withBody({ token: "no", username: "eve", email: "eve@example.com", password })),
  resetPassword: of("open", withBody({ token: "no", password })),

  // Accounts.
  readRights: of("everybody"),
  listUsers: of("everybody"),
  listSiteRoles: of("everybody"),
  createUser: of("user.create", { body: () => ({ username: aName(), service_account: true }) }),
  readUser: on("user.read"),
  updateUser: on("user.update", withBody({ name: "Somebody" })),
  updateUserRoles: on("user.govern", { ...withBody({ roles: ["member"] }), uses: "account" }),
  suspendUser: on("user.govern", { uses: "account" }),
  activateUser: on("user.govern", { uses: "account" }),
  deleteUser: on("user.govern", { uses: "account" }),
  createPasswordReset: on("user.govern", { uses: "account" }),
  changePassword: on("user.update", withBody({ old_password: password, password })),
  listSessions: on("user.watch"),
  revokeSession: on("user.update", { uses: "session" }),
  listUserOrganizations: on("user.read"),
  listInvites: of("user.create"),
  createInvite: of("user.create", withBody({})),
  deleteInvite: of("user.create", { uses: "invite" }),

  // Ways to sign in.
  readSignInMethods: on("user.watch"),
  listPasskeys: on("user.watch"),
  beginPasskey: on("user.person", { ...withBody({}), session: true }),
  createPasskey: on("user.person", { ...withBody({ ticket: "no", name: "key", credential: attested }), session: true }),
  renamePasskey: on("user.person", { ...withBody({ name: "other" }), session: true }),
  deletePasskey: on("user.person", { uses: "passkey", session: true }),
  offerSecondFactor: on("user.person", { ...withBody({}), session: true }),
  confirmSecondFactor: on("user.person", { ...withBody({ ticket: "no", code: "123456" }), session: true }),
  disableSecondFactor: on("user.person", { ...withBody({ code: "123456" }), session: true }),
  renewRecoveryCodes: on("user.person", { ...withBody({ code: "123456" }), session: true }),
  removeSecondFactor: on("user.rescue", { uses: "secondFactor" }),
  linkOutsideAccount: on("user.person", { ...withBody({}), session: true }),
  unlinkOutsideAccount: on("user.person", { uses: "outsideAccount", session: true }),

  // API tokens.
  createToken: on("api_key.create", { body: () => ({ token_name: aName(), scopes: ["chat:read"] }) }),
  listTokens: on("api_key.read"),
  deleteToken: on("api_key.delete", { uses: "token" }),

  // Organisations.
  listOrganizations: of("everybody"),
  createOrganization: of("organization.create", { body: () => ({ name: aName() }) }),
  readOrganization: on("organization.read"),
  updateOrganization: on("organization.update", withBody({ display_name: "Ours" })),
  deleteOrganization: on("organization.update"),
  listOrganizationMembers: on("organization.read"),
  listOrganizationRoles: on("organization.read"),
  addOrganizationMember: on("organization_member.manage", { uses: "newcomer" }),
  removeOrganizationMember: on("organization_member.manage", { uses: "account" }),
  updateOrganizationMemberRoles: on("organization_member.manage", withBody({ roles: [] })),
  listGroups: on("organization.read"),
  createGroup: on("group.manage", { body: () => ({ name: aName() }) }),
  readGroup: on("group.read"),
  updateGroup: on("group.manage", withBody({ display_name: "Ours" })),
  deleteGroup: on("group.manage", { uses: "group" }),
  readWorkspaceSharing: on("organization.read"),
  updateWorkspaceSharing: on("organization.update", withBody({ shareable_workspace_owners: "everyone" })),

  readPullRequestInsights: of("deployment_config.read"),
  // Figures.
  readUserChatCost: on("usage.read", { known: true }),
  readUserChatCostByDay: on("usage.read", { known: true }),
  listUserModelCalls: on("usage.read", { known: true }),
  readChatCost: of("usage.report"),
  listChatCostByUser: of("usage.report"),
  listChatCostByModel: of("usage.report"),
  listChatCostByOrganization: of("usage.report"),
  listChatCostByGroup: of("usage.report"),
  readChatCostByDay: of("usage.report"),

  listAuditLogs: of("audit_log.read"),
  exportAuditLogs: of("audit_log.read"),

  // Workspaces.
  listWorkspaces: of("everybody"),
  createWorkspace: of("workspace.create", { body: () => ({ name: aName() }) }),
  readWorkspace: on("workspace.read"),
  renameWorkspace: on("workspace.update", { body: () => ({ name: aName() }) }),
  deleteWorkspace: on("workspace.delete", { uses: "workspace" }),
  createWorkspaceBuild: on("workspace.update"),
  readWorkspaceAcl: on("workspace.share"),
  updateWorkspaceAcl: on("workspace.share", { body: () => ({ user_roles: { [people.colleague.userId]: "" } }) }),
  clearWorkspaceAcl: on("workspace.share", { uses: "workspace" }),

  // Models and settings.
  listChatProviders: of("deployment_config.read"),
  createChatProvider: of("deployment_config.update", withBody({ provider: "openai", api_key: "sk-matrix" })),
  updateChatProvider: of("deployment_config.update", { ...withBody({ display_name: "Ours" }), uses: "provider" }),
  deleteChatProvider: of("deployment_config.update", { uses: "provider" }),
  testChatProvider: of("deployment_config.update", { ...withBody({ model: "none" }), uses: "provider" }),
  listChatModels: of("everybody"),
  listChatModelConfigs: of("everybody"),
  createChatModelConfig: of("deployment_config.update", {
    body: () => ({ provider: "anthropic", model: aName(), context_limit: 1000 }),
  }),
  updateChatModelConfig: of("deployment_config.update", { ...withBody({ display_name: "Ours" }), uses: "modelConfig" }),
  deleteChatModelConfig: of("deployment_config.update", { uses: "modelConfig" }),
  readModelPrices: of("deployment_config.read", { query: "?provider=anthropic&model=claude" }),
  listUnpricedModels: of("usage.everywhere"),
  recomputeChatCost: of("deployment_config.update", {
    // A model that has no prices.
    body: () => ({ model_config_id: newId(), start_date: "2026-01-01T00:00:00Z", end_date: "2026-01-02T00:00:00Z" }),
  }),
  readChatSystemPrompt: of("everybody"),
  updateChatSystemPrompt: of("deployment_config.update", withBody({ system_prompt: "" })),
  readChatSystemPromptAlias: of("everybody"),
  updateChatSystemPromptAlias: of("deployment_config.update", withBody({ system_prompt: "" })),
  readChatSharing: of("everybody"),
  updateChatSharing: of("deployment_config.update", withBody({ chat_sharing_enabled: true })),
  readUsageLimits: of("deployment_config.read"),
  updateUsageLimits: of("deployment_config.update", withBody({ spend_limit_micros: null })),
  updateUserUsageLimit: of("deployment_config.update", withBody({ spend_limit_micros: 1_000_000 })),
  deleteUserUsageLimit: of("deployment_config.update", { uses: "spendLimit" }),
  updateGroupUsageLimit: of("deployment_config.update", withBody({ spend_limit_micros: 1_000_000 })),
  deleteGroupUsageLimit: of("deployment_config.update", { uses: "groupSpendLimit" }),
  readUsageLimitStatus: of("usage.read", { own: true }),
  readChatUserPrompt: of("user.read", { own: true }),
  updateChatUserPrompt: of("user.update", { ...withBody({ custom_prompt: "" }), own: true }),
  listChatCompactionThresholds: of("user.read", { own: true }),
  updateChatCompactionThreshold: of("user.update", { ...withBody({ threshold_percent: 50 }), own: true }),
  deleteChatCompactionThreshold: of("user.update", { own: true }),

  // Connected accounts.
  startExternalAuth: of("open"),
  finishExternalAuth: of("open"),
  receiveGitWebhook: of("open"),
  listExternalAuth: of("user.read", { own: true }),
  readExternalAuth: of("user.read", { own: true }),
  deleteExternalAuth: of("user.update", { own: true, uses: "externalAuthLinks" }),
  beginExternalAuthDevice: of("user.update", { own: true }),
  exchangeExternalAuthDevice: of("user.update", { ...withBody({ device_code: "no" }), own: true }),

  // Chats.
  listChats: of("everybody"),
  createChat: of("chat.create", withBody(say("Hello"))),
  importChat: of("chat.create", {
    ...withBody({
      format: "tideline-chat",
      messages: [{ role: "user", content_version: 1, content: say("Hello").content }],
    }),
  }),
  uploadChatFile: of("chat.create", withBody(PNG)),
  readChatFile: on("chat.read"),
  searchChats: of("everybody", { query: "?q=hello" }),
  watchChats: of("everybody", { headers: upgrade }),
  listGivenChatShares: of("everybody"),
  readChat: on("chat.read"),
  readChatDiff: on("chat.read"),
  listChatMessages: on("chat.read"),
  listChatQueue: on("chat.read"),
  listChatPeople: on("chat.read"),
  listChatShares: on("chat.read"),
  exportChat: on("chat.read"),
  streamChat: on("chat.read", { headers: upgrade }),
  markChatRead: on("chat.read", withBody({ message_id: 1 })),
  listChatPullRequests: on("chat.read"),
  refreshChatDiff: on("chat.read"),
  readChatLocalChanges: on("chat.use"),
  createChatMessage: on("chat.use", { ...withBody(say("More")), uses: "chat" }),
  interruptChat: on("chat.use"),
  editChatMessage: on("chat.author", { ...withBody(say("Anew")), uses: "chat", refusal: 400 }),
  updateChatQueuedMessage: on("chat.reword", { ...withBody(say("Other")), headers: { "if-match": '"0"' } }),
  deleteChatQueuedMessage: on("chat.reword", { uses: "chat" }),
  promoteChatQueuedMessage: on("chat.reword", { uses: "chat" }),
  updateChat: on("chat.update", withBody({ title: "Another title" })),
  compactChat: on("chat.update"),
  regenerateChatTitle: on("chat.update"),
  archiveChat: on("chat.update", { uses: "chat" }),
  unarchiveChat: on("chat.update"),
  updateChatShares: on("chat.share", withBody({ user_roles: {} })),
  deleteChatShares: on("chat.share", { uses: "chat" }),
  leaveChat: on("chat.leave", { uses: "chat" }),
};
