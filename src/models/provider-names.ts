import type { ProviderName } from "../contract/models.ts";

/** How people know the providers. */
export const providerDisplayNames: Record<ProviderName, string> = {
  anthropic: "Anthropic",
  azure: "Azure OpenAI",
  bedrock: "AWS Bedrock",
  google: "Google",
  openai: "OpenAI",
  "openai-compat": "OpenAI Compatible",
  openrouter: "OpenRouter",
  vercel: "Vercel AI Gateway",
};

/** The providers that this version has an adapter for. */
export const implementedProviders = ["anthropic", "google", "openai", "openai-compat"] as const;
export type ImplementedProvider = (typeof implementedProviders)[number];

export function isImplemented(provider: ProviderName): provider is ImplementedProvider {
  return implementedProviders.some((name) => name === provider);
}
