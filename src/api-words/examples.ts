/** Bodies as scripts send them, by operation id. A test parses each by the schema of its operation. */
const MODEL = "01912345-6789-7abc-8def-0123456789ab";
const WORKSPACE = "01912345-6789-7abc-8def-0123456789ac";
const GROUP = "01912345-6789-7abc-8def-0123456789ad";

export const bodyExamples: Record<string, unknown> = {
  createToken: { token_name: "nightly", lifetime_seconds: 7_776_000, scopes: ["chat:*", "workspace:use"] },
  createUser: { username: "grace", email: "grace@example.com", name: "Grace", password: "a long enough password" },
  createWorkspace: { name: "build-box" },
  updateWorkspaceAcl: { group_roles: { [GROUP]: "use" } },
  createChat: {
    content: [{ type: "text", text: "Fix the failing test" }],
    workspace_id: WORKSPACE,
    model_config_id: MODEL,
  },
  createChatMessage: {
    content: [
      { type: "text", text: "What does this log say?" },
      { type: "file", file_id: "01912345-6789-7abc-8def-0123456789ae" },
    ],
  },
  editChatMessage: { content: [{ type: "text", text: "Fix the failing test, and say why it failed" }] },
  updateChat: { title: "The failing test" },
  updateChatQueuedMessage: { content: [{ type: "text", text: "Then run the linter" }], before: null },
  updateChatShares: { user_roles: { grace: "collaborator" }, group_roles: { [GROUP]: "viewer" } },
  markChatRead: { message_id: 7 },
  importChat: {
    format: "tideline-chat",
    chat: { title: "From elsewhere" },
    messages: [
      {
        role: "user",
        visibility: "both",
        content_version: 1,
        content: [{ type: "text", text: "Hello" }],
        compressed: false,
        created_at: "2026-01-31T12:00:00.000Z",
      },
    ],
  },
  createChatProvider: { provider: "anthropic", api_key: "sk-…" },
  createChatModelConfig: {
    provider: "anthropic",
    model: "claude-sonnet-4-5",
    context_limit: 200_000,
    model_config: { cost: { input_price_per_million_tokens: "3", output_price_per_million_tokens: "15" } },
  },
  updateUsageLimits: { spend_limit_micros: 50_000_000, period: "month" },
  updateUserUsageLimit: { spend_limit_micros: 200_000_000 },
  recomputeChatCost: {
    model_config_id: MODEL,
    start_date: "2026-01-01T00:00:00.000Z",
    end_date: "2026-02-01T00:00:00.000Z",
    dry_run: true,
  },
};
