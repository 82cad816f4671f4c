import type { ModelCallConfig } from "../../../../src/contract/models.ts";

/**
 * How a model is called, as its form has it: text for each option, "" where the model's own default
 * counts. Which values make sense is the contract's to say.
 */
export interface CallOption {
  /** The form's name for it. */
  key: OptionKey;
  /** Its place in `model_config`. */
  at: readonly string[];
  label: string;
  hint?: string;
  /** `json` is all that the form has no field of its own for. */
  kind: "number" | "text" | "yes-no" | "domains" | "json" | { choices: readonly string[] };
}
export type OptionKey = `option.${string}`;
export type OptionValues = Record<OptionKey, string>;

type Details = Omit<CallOption, "key" | "at">;

function option(at: readonly string[], details: Details): CallOption {
  return { key: `option.${at.join(".")}`, at, ...details };
}

const general: readonly CallOption[] = [
  option(["temperature"], { label: "Temperature", hint: "0 to 2", kind: "number" }),
  option(["top_p"], { label: "Top p", hint: "0 to 1", kind: "number" }),
  option(["top_k"], { label: "Top k", kind: "number" }),
  option(["presence_penalty"], { label: "Presence penalty", hint: "-2 to 2", kind: "number" }),
  option(["frequency_penalty"], { label: "Frequency penalty", hint: "-2 to 2", kind: "number" }),
];

const search: readonly [string, Details] = ["web_search_enabled", { label: "Web search", kind: "yes-no" }];
const allowed: readonly [string, Details] = [
  "allowed_domains",
  { label: "Search only these domains", hint: "Separated by spaces.", kind: "domains" },
];

/** Under which name a provider's own options stand, and what there is. */
const own: Partial<Record<string, { name: ProviderKey; fields: readonly (readonly [string, Details])[] }>> = {
  anthropic: {
    name: "anthropic",
    fields: [
      ["effort", { label: "Effort", kind: { choices: ["low", "medium", "high", "max"] } }],
      ["thinking.budget_tokens", { label: "Thinking budget", hint: "Tokens, 1,024 or more.", kind: "number" }],
      ["send_reasoning", { label: "Send reasoning back", kind: "yes-no" }],
      ["disable_parallel_tool_use", { label: "One tool at a time", kind: "yes-no" }],
      search,
      allowed,
      ["blocked_domains", { label: "Never search these domains", hint: "Separated by spaces.", kind: "domains" }],
    ],
  },
  openai: {
    name: "openai",
    fields: [
      [
        "reasoning_effort",
        { label: "Reasoning effort", kind: { choices: ["none", "minimal", "low", "medium", "high", "xhigh"] } },
      ],
      ["reasoning_summary", { label: "Reasoning summary", kind: { choices: ["auto", "concise", "detailed"] } }],
      ["text_verbosity", { label: "Verbosity", kind: { choices: ["low", "medium", "high"] } }],
      ["service_tier", { label: "Service tier", kind: { choices: ["auto", "default", "flex", "priority"] } }],
      ["parallel_tool_calls", { label: "Parallel tool calls", kind: "yes-no" }],
      ["max_tool_calls", { label: "Most tool calls", kind: "number" }],
      ["store", { label: "OpenAI keeps the conversation", kind: "yes-no" }],
      ["prompt_cache_key", { label: "Prompt cache key", kind: "text" }],
      search,
      ["search_context_size", { label: "Search context", kind: { choices: ["low", "medium", "high"] } }],
      allowed,
    ],
  },
  google: {
    name: "google",
    fields: [
      ["thinking_config.thinking_budget", { label: "Thinking budget", hint: "Tokens; -1 adapts.", kind: "number" }],
      ["thinking_config.include_thoughts", { label: "Show thoughts", kind: "yes-no" }],
      ["cached_content", { label: "Cached content", hint: "Its name at Google.", kind: "text" }],
      [
        "threshold",
        {
          label: "Block harmful content",
          kind: { choices: ["BLOCK_LOW_AND_ABOVE", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_ONLY_HIGH", "BLOCK_NONE", "OFF"] },
        },
      ],
      search,
    ],
  },
  "openai-compat": {
    name: "openaicompat",
    fields: [
      ["reasoning_effort", { label: "Reasoning effort", hint: "Such as low or high.", kind: "text" }],
      ["user", { label: "User", hint: "What the server is told of who asks.", kind: "text" }],
    ],
  },
};
type ProviderKey = keyof NonNullable<ModelCallConfig["provider_options"]>;

/** What can be set for models of this provider, the general ones first. */
export function callOptions(provider: string): readonly CallOption[] {
  const { name, fields } = own[provider] ?? {};
  if (name === undefined || fields === undefined) return general;
  const at = ["provider_options", name];
  return [
    ...general,
    ...fields.map(([path, details]) => option([...at, ...path.split(".")], details)),
    option(at, {
      label: "More options",
      hint: "JSON, for what has no field here.",
      kind: "json",
    }),
  ];
}

const everywhere = Object.keys(own).flatMap((provider) => callOptions(provider));

/** The form's values of a config; of all providers, since a new model's provider is still to be chosen. */
export function initialOptions(config: ModelCallConfig | undefined): OptionValues {
  return Object.fromEntries(everywhere.map((each) => [each.key, initialText(config, each)]));
}

function initialText(config: ModelCallConfig | undefined, { at, kind }: CallOption): string {
  const value = at.reduce<unknown>((inside, step) => (isObject(inside) ? inside[step] : undefined), config);
  if (kind === "json") return isObject(value) ? withoutFields(value, at) : "";
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.join(" ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What of a provider's options no field shows, as JSON; "" where that is nothing. */
function withoutFields(options: Record<string, unknown>, at: readonly string[]): string {
  const shown = everywhere.flatMap((each) =>
    each.kind !== "json" && isUnder(each.at, at) ? [each.at[at.length]] : [],
  );
  const rest = Object.fromEntries(Object.entries(options).filter(([name]) => !shown.includes(name)));
  return Object.keys(rest).length === 0 ? "" : JSON.stringify(rest, null, 2);
}

function isUnder(path: readonly string[], at: readonly string[]): boolean {
  return path.length > at.length && at.every((step, index) => path[index] === step);
}

/**
 * The part of `model_config` that the options mean, with what `config` says to other providers. What is
 * no JSON goes in as text, for the contract to refuse.
 */
export function optionsBody(
  provider: string,
  values: OptionValues,
  config: ModelCallConfig = {},
): Record<string, unknown> {
  const others = Object.entries(config.provider_options ?? {}).filter(([name]) => name !== own[provider]?.name);
  const body: Record<string, unknown> = others.length === 0 ? {} : { provider_options: Object.fromEntries(others) };
  // The rest first: a field of its own counts more.
  for (const each of callOptions(provider).toSorted((a, b) => a.at.length - b.at.length)) {
    const text = (values[each.key] ?? "").trim();
    if (text !== "") put(body, each.at, meaning(text, each.kind));
  }
  return body;
}

function put(body: Record<string, unknown>, [step = "", ...more]: readonly string[], value: unknown): void {
  if (more.length === 0) {
    body[step] = value;
    return;
  }
  const inside = body[step];
  // Beside text that is no JSON there is nothing to put: the text is refused.
  if (inside !== undefined && !isObject(inside)) return;
  const next = { ...inside };
  put(next, more, value);
  body[step] = next;
}

function meaning(text: string, kind: CallOption["kind"]): unknown {
  switch (kind) {
    case "number":
      return numberOf(text);
    case "yes-no":
      return text === "true";
    case "domains":
      return text.split(/[\s,]+/).filter((domain) => domain !== "");
    case "json":
      return parsed(text);
    default:
      return text;
  }
}

/** "16,000" is a number, and "0,2" is none: it would be read as 2. */
function numberOf(text: string): number {
  const plain = text.replaceAll(/[\s_]/g, "");
  return Number(/^-?\d{1,3}(,\d{3})+$/.test(plain) ? plain.replaceAll(",", "") : plain);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // no JSON: the contract refuses it beside its field
  }
}

/** The field that a place in `model_config` belongs to; undefined where it is none of these. */
export function optionAt(steps: readonly string[]): OptionKey | undefined {
  const found = everywhere
    .filter(({ at }) => at.every((step, index) => steps[index] === step))
    .toSorted((a, b) => b.at.length - a.at.length);
  return found[0]?.key;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
