import { z } from "zod";
import type { Json } from "../contract/common.ts";
import type { TokenUsage } from "../contract/models.ts";

/** More tokens than any model takes or gives: a provider that reports more counts something else. */
const COUNT_MAX = 1_000_000_000;

/** A count as a provider wrote it; what is absent or no count was not reported. */
const count = z.int().nonnegative().max(COUNT_MAX).nullable().catch(null).default(null);

const anthropic = z.object({
  input_tokens: count,
  output_tokens: count,
  cache_creation_input_tokens: count,
  cache_read_input_tokens: count,
  cache_creation: z
    .object({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count })
    .nullish()
    .catch(null),
  server_tool_use: z.object({ web_search_requests: count }).nullish().catch(null),
  output_tokens_details: z.object({ thinking_tokens: count }).nullish().catch(null),
});

const chatCompletions = z.object({
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  prompt_tokens_details: z.object({ cached_tokens: count, cache_write_tokens: count }).nullish().catch(null),
  completion_tokens_details: z.object({ reasoning_tokens: count }).nullish().catch(null),
});

const responses = z.object({
  input_tokens: count,
  output_tokens: count,
  total_tokens: count,
  input_tokens_details: z.object({ cached_tokens: count, cache_write_tokens: count }).nullish().catch(null),
  output_tokens_details: z.object({ reasoning_tokens: count }).nullish().catch(null),
});

const google = z.object({
  promptTokenCount: count,
  candidatesTokenCount: count,
  thoughtsTokenCount: count,
  cachedContentTokenCount: count,
  toolUsePromptTokenCount: count,
  totalTokenCount: count,
});

/** Usage of a call that reported none. */
export const unreportedUsage: TokenUsage = {
  input_tokens: null,
  output_tokens: null,
  total_tokens: null,
  reasoning_tokens: null,
  cache_creation_tokens: null,
  cache_read_tokens: null,
  cache_creation_1h_tokens: null,
  web_search_requests: null,
};

/** Anthropic counts cached tokens beside the input, and gives no total. */
export function anthropicUsage(raw: Json | undefined): TokenUsage {
  const usage = anthropic.safeParse(raw).data;
  if (usage === undefined) return unreportedUsage;
  const minutes = usage.cache_creation?.ephemeral_5m_input_tokens ?? null;
  const hour = usage.cache_creation?.ephemeral_1h_input_tokens ?? null;
  return {
    input_tokens: usage.input_tokens,
    output_tokens: usage.output_tokens,
    total_tokens: null,
    reasoning_tokens: usage.output_tokens_details?.thinking_tokens ?? null,
    cache_creation_tokens: usage.cache_creation_input_tokens ?? sumOf(minutes, hour),
    cache_read_tokens: usage.cache_read_input_tokens,
    cache_creation_1h_tokens: hour,
    web_search_requests: usage.server_tool_use?.web_search_requests ?? null,
  };
}

/** Chat Completions counts cached tokens inside the prompt. */
export function chatCompletionsUsage(raw: Json | undefined): TokenUsage {
  const usage = chatCompletions.safeParse(raw).data;
  if (usage === undefined) return unreportedUsage;
  return {
    ...unreportedUsage,
    ...withoutCached(usage.prompt_tokens, usage.prompt_tokens_details),
    output_tokens: usage.completion_tokens,
    total_tokens: usage.total_tokens,
    reasoning_tokens: usage.completion_tokens_details?.reasoning_tokens ?? null,
  };
}

/** Responses counts cached tokens inside the input. */
export function responsesUsage(raw: Json | undefined): TokenUsage {
  const usage = responses.safeParse(raw).data;
  if (usage === undefined) return unreportedUsage;
  return {
    ...unreportedUsage,
    ...withoutCached(usage.input_tokens, usage.input_tokens_details),
    output_tokens: usage.output_tokens,
    total_tokens: usage.total_tokens,
    reasoning_tokens: usage.output_tokens_details?.reasoning_tokens ?? null,
  };
}

/** Gemini counts cached tokens inside the prompt; what its own tools read, and thoughts, beside it and the answer. */
export function googleUsage(raw: Json | undefined): TokenUsage {
  const usage = google.safeParse(raw).data;
  if (usage === undefined) return unreportedUsage;
  const { promptTokenCount: prompt, cachedContentTokenCount: cached } = usage;
  const { candidatesTokenCount: said, thoughtsTokenCount: thought, toolUsePromptTokenCount: looked } = usage;
  return {
    ...unreportedUsage,
    input_tokens: sumOf(prompt === null ? null : Math.max(0, prompt - (cached ?? 0)), looked),
    output_tokens: sumOf(said, thought),
    total_tokens: usage.totalTokenCount,
    reasoning_tokens: thought,
    cache_read_tokens: cached,
  };
}

/** Of two reports of one call the later counts, number by number: a null there takes nothing back. */
export function laterUsage(earlier: TokenUsage, later: TokenUsage): TokenUsage {
  return {
    input_tokens: later.input_tokens ?? earlier.input_tokens,
    output_tokens: later.output_tokens ?? earlier.output_tokens,
    total_tokens: later.total_tokens ?? earlier.total_tokens,
    reasoning_tokens: later.reasoning_tokens ?? earlier.reasoning_tokens,
    cache_creation_tokens: later.cache_creation_tokens ?? earlier.cache_creation_tokens,
    cache_read_tokens: later.cache_read_tokens ?? earlier.cache_read_tokens,
    cache_creation_1h_tokens: later.cache_creation_1h_tokens ?? earlier.cache_creation_1h_tokens,
    web_search_requests: later.web_search_requests ?? earlier.web_search_requests,
  };
}

/** Whether a provider reported anything at all. */
export function isReported(usage: TokenUsage): boolean {
  return Object.values(usage).some((tokens) => tokens !== null);
}

/** Null where neither was reported. */
function sumOf(one: number | null, other: number | null): number | null {
  return one === null && other === null ? null : (one ?? 0) + (other ?? 0);
}

function withoutCached(
  input: number | null,
  details: { cached_tokens: number | null; cache_write_tokens: number | null } | null | undefined,
) {
  const read = details?.cached_tokens ?? null;
  const written = details?.cache_write_tokens ?? null;
  return {
    // Some servers count the cached tokens beside the input after all; it never goes below zero.
    input_tokens: input === null ? null : Math.max(0, input - (read ?? 0) - (written ?? 0)),
    cache_read_tokens: read,
    cache_creation_tokens: written,
  };
}
