import type { JSONObject, LanguageModelV4ProviderTool } from "@ai-sdk/provider";
import { json } from "../../contract/common.ts";
import type { ProviderOptions } from "../../contract/provider-options.ts";

/** The options of a model config in the words of each adapter. What is not set is left out. */

export function openaiOptions(options: ProviderOptions["openai"] = {}): JSONObject {
  return stated({
    parallelToolCalls: options.parallel_tool_calls,
    maxToolCalls: options.max_tool_calls,
    reasoningEffort: options.reasoning_effort,
    reasoningSummary: options.reasoning_summary,
    maxCompletionTokens: options.max_completion_tokens,
    textVerbosity: options.text_verbosity,
    serviceTier: options.service_tier,
    // The transcript is ours: nothing stays with the provider, and reasoning comes back encrypted.
    store: options.store ?? false,
    metadata: options.metadata,
    user: options.user,
    promptCacheKey: options.prompt_cache_key,
    safetyIdentifier: options.safety_identifier,
    logitBias: options.logit_bias,
    logprobs: options.top_log_probs ?? options.log_probs,
    prediction: options.prediction,
    structuredOutputs: options.structured_outputs,
    strictJsonSchema: options.strict_json_schema,
    include: options.include,
    instructions: options.instructions,
  });
}

export function openaiSearch(options: ProviderOptions["openai"] = {}): LanguageModelV4ProviderTool | null {
  if (options.web_search_enabled !== true) return null;
  const { search_context_size: searchContextSize, allowed_domains: allowedDomains } = options;
  const filters = allowedDomains === undefined ? undefined : { allowedDomains };
  return providerTool("openai.web_search", "web_search", stated({ searchContextSize, filters }));
}

export function anthropicOptions(options: ProviderOptions["anthropic"] = {}): JSONObject {
  const budget = options.thinking?.budget_tokens;
  return stated({
    sendReasoning: options.send_reasoning,
    thinking: budget === undefined ? undefined : { type: "enabled", budgetTokens: budget },
    effort: options.effort,
    disableParallelToolUse: options.disable_parallel_tool_use,
  });
}

export function anthropicSearch(options: ProviderOptions["anthropic"] = {}): LanguageModelV4ProviderTool | null {
  if (options.web_search_enabled !== true) return null;
  const { allowed_domains: allowedDomains, blocked_domains: blockedDomains } = options;
  return providerTool("anthropic.web_search_20250305", "web_search", stated({ allowedDomains, blockedDomains }));
}

export function googleOptions(options: ProviderOptions["google"] = {}): JSONObject {
  const { thinking_config: thinking } = options;
  return stated({
    thinkingConfig:
      thinking === undefined
        ? undefined
        : stated({ thinkingBudget: thinking.thinking_budget, includeThoughts: thinking.include_thoughts }),
    cachedContent: options.cached_content,
    safetySettings: options.safety_settings,
    threshold: options.threshold,
  });
}

/** Null for models that would lose their other tools by it. */
export function googleSearch(
  model: string,
  options: ProviderOptions["google"] = {},
): LanguageModelV4ProviderTool | null {
  if (options.web_search_enabled !== true || /^(models\/)?gemini-(1|2)\b/.test(model)) return null;
  return providerTool("google.google_search", "google_search", {});
}

export function openaiCompatOptions(options: ProviderOptions["openaicompat"] = {}): JSONObject {
  return stated({ user: options.user, reasoningEffort: options.reasoning_effort });
}

function providerTool(id: `${string}.${string}`, name: string, args: JSONObject): LanguageModelV4ProviderTool {
  return { type: "provider", id, name, args };
}

/** JSON has no undefined: a key without a value goes. */
function stated(values: Record<string, unknown>): JSONObject {
  const plain = json.parse(JSON.parse(JSON.stringify(values)));
  return typeof plain === "object" && plain !== null && !Array.isArray(plain) ? plain : {};
}
