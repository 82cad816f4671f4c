import { z } from "zod";
import { json } from "./common.ts";

/**
 * What a model config says to its provider alone. Only known keys: a setting that nobody reads would
 * be a wrong belief about the model.
 */

const domains = z.array(z.string().trim().min(1).max(253)).max(100);
const name = z.string().max(1_000);

const openai = z.strictObject({
  parallel_tool_calls: z.boolean().optional(),
  max_tool_calls: z.int().positive().optional(),
  reasoning_effort: z.enum(["none", "minimal", "low", "medium", "high", "xhigh"]).optional(),
  reasoning_summary: z.enum(["auto", "concise", "detailed"]).optional(),
  /** Chat Completions only, like `logit_bias`, `prediction` and `structured_outputs`. */
  max_completion_tokens: z.int().positive().optional(),
  text_verbosity: z.enum(["low", "medium", "high"]).optional(),
  service_tier: z.enum(["auto", "default", "flex", "priority"]).optional(),
  /** Whether the provider keeps what was said; it does not unless this says so. */
  store: z.boolean().optional(),
  metadata: z.record(z.string().max(64), z.string().max(512)).optional(),
  user: name.optional(),
  prompt_cache_key: name.optional(),
  safety_identifier: name.optional(),
  logit_bias: z.record(z.string().regex(/^\d+$/), z.number().min(-100).max(100)).optional(),
  log_probs: z.boolean().optional(),
  top_log_probs: z.int().min(0).max(20).optional(),
  prediction: z.record(z.string(), json).optional(),
  structured_outputs: z.boolean().optional(),
  strict_json_schema: z.boolean().optional(),
  /** Responses only, like `instructions`. */
  include: z
    .array(
      z.enum([
        "reasoning.encrypted_content",
        "file_search_call.results",
        "web_search_call.results",
        "message.output_text.logprobs",
      ]),
    )
    .optional(),
  instructions: z.string().max(100_000).optional(),
  web_search_enabled: z.boolean().optional(),
  search_context_size: z.enum(["low", "medium", "high"]).optional(),
  allowed_domains: domains.optional(),
});

const anthropic = z
  .strictObject({
    send_reasoning: z.boolean().optional(),
    thinking: z.strictObject({ budget_tokens: z.int().min(1_024) }).optional(),
    effort: z.enum(["low", "medium", "high", "max"]).optional(),
    disable_parallel_tool_use: z.boolean().optional(),
    web_search_enabled: z.boolean().optional(),
    allowed_domains: domains.optional(),
    blocked_domains: domains.optional(),
  })
  .refine((options) => options.allowed_domains === undefined || options.blocked_domains === undefined, {
    error: "Allow some domains or block some, not both.",
    path: ["blocked_domains"],
  });

const harmThreshold = z.enum([
  "HARM_BLOCK_THRESHOLD_UNSPECIFIED",
  "BLOCK_LOW_AND_ABOVE",
  "BLOCK_MEDIUM_AND_ABOVE",
  "BLOCK_ONLY_HIGH",
  "BLOCK_NONE",
  "OFF",
]);
const harmCategory = z.enum([
  "HARM_CATEGORY_UNSPECIFIED",
  "HARM_CATEGORY_HATE_SPEECH",
  "HARM_CATEGORY_DANGEROUS_CONTENT",
  "HARM_CATEGORY_HARASSMENT",
  "HARM_CATEGORY_SEXUALLY_EXPLICIT",
  "HARM_CATEGORY_CIVIC_INTEGRITY",
]);

const google = z.strictObject({
  thinking_config: z
    .strictObject({ thinking_budget: z.int().min(-1).optional(), include_thoughts: z.boolean().optional() })
    .optional(),
  cached_content: name.optional(),
  safety_settings: z
    .array(z.strictObject({ category: harmCategory, threshold: harmThreshold }))
    .max(20)
    .optional(),
  threshold: harmThreshold.optional(),
  /** From Gemini 3 on: older ones cannot search and use tools. */
  web_search_enabled: z.boolean().optional(),
});

const openaicompat = z.strictObject({
  user: name.optional(),
  reasoning_effort: z.string().max(50).optional(),
});

export const providerOptions = z
  .strictObject({
    openai: openai.optional(),
    anthropic: anthropic.optional(),
    google: google.optional(),
    openaicompat: openaicompat.optional(),
  })
  .meta({ id: "ModelProviderOptions" });
export type ProviderOptions = z.infer<typeof providerOptions>;
