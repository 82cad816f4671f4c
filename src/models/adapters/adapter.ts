import type {
  LanguageModelV4,
  LanguageModelV4ProviderTool,
  LanguageModelV4ToolResult,
  SharedV4ProviderOptions,
} from "@ai-sdk/provider";
import type { Json } from "../../contract/common.ts";
import type { ModelCallConfig, TokenUsage } from "../../contract/models.ts";
import type { Connection } from "../connection.ts";

/** What a call needs to know of the model that it goes to. */
export interface ModelTarget {
  connection: Connection;
  model: string;
  options: ModelCallConfig;
  fetch: typeof fetch;
}

/** One provider's API, ready to be called. */
export interface Adapter {
  model: LanguageModelV4;
  /** What each request says besides prompt, tools and sampling. */
  providerOptions: SharedV4ProviderOptions;
  /** The provider's own web search, where the config asks for it. It runs there and leaves its sources in the answer. */
  searchTool: LanguageModelV4ProviderTool | null;
  /** The name under which reasoning signatures of this API are stored; null = it has none to send back. */
  metadataKey: "anthropic" | "openai" | "google" | null;
  /** Whether the prompt says where its cacheable prefixes end. */
  marksCache: boolean;
  /** Output limit of a call whose config names none. */
  defaultMaxOutputTokens: number;
  /** Reads the usage as the provider wrote it: the SDK's own shape turns "not reported" into 0. */
  readUsage: (raw: Json | undefined) => TokenUsage;
  /** Whether this is what one search found, where the API leaves its searches out of its usage. */
  isSearch?: (found: LanguageModelV4ToolResult) => boolean;
}
