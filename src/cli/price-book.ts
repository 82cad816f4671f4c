import { writeFileSync } from "node:fs";
import { findProvider, type MatchLogic, type ModelInfo, type ModelPrice } from "@pydantic/genai-prices";

/**
 * Writes `src/usage/price-book-data.ts` from the npm package @pydantic/genai-prices (MIT). Run it after an update of
 * the package, with the day on which that version came out: `npm run price-book -- 2026-09-23`.
 */

const TARGET = new URL("../usage/price-book-data.ts", import.meta.url);
/** Providers that we have an adapter for, and hosts that speak Chat Completions, as the package calls them. */
const HOSTS = [
  "anthropic",
  "openai",
  "google",
  "cerebras",
  "deepseek",
  "groq",
  "mistral",
  "moonshotai",
  "x-ai",
  "zai",
] as const;
const COUNTS_SEARCHES = new Set<string>(["anthropic", "openai"]);
/** They do not chat, or what they do is not counted in tokens of text. */
const NO_CHAT =
  /audio|realtime|tts|image|live|transcribe|vision|instruct|^ft:|embed|\.ft-|moderation|guard|whisper|ocr/i;

const [date = ""] = process.argv.slice(2);
if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) throw new Error("Say of which day the prices are, as in 2026-09-23.");

const rows = HOSTS.flatMap((host) => {
  const models = findProvider({ providerId: host })?.models ?? [];
  return models.flatMap((model) => rowOf(host, model));
});

const head = `/**
 * List prices of ${date}, from the npm package @pydantic/genai-prices 0.1 (https://github.com/pydantic/genai-prices,
 * MIT, copyright Pydantic Services Inc.). Written by src/cli/price-book.ts; do not edit.
 *
 * A line: host; names of the model; US dollars per million tokens of input, output, cache read, cache write, cache
 * write for an hour; US dollars per thousand searches; the length of a prompt above which they cost more.
 */
export const PRICE_BOOK_DATE = "${date}";

export const PRICE_BOOK_TABLE = \`
`;
writeFileSync(TARGET, `${head}${rows.join("\n")}\n\`;\n`);
process.stdout.write(`${rows.length} models written.\n`);

function rowOf(host: string, { id, match, prices: all }: ModelInfo): string[] {
  const prices = pricesOn(date, all);
  if (prices === null || NO_CHAT.test(id) || (host === "google" && id.startsWith("claude"))) return [];
  const input = listed(prices, "input_mtok");
  const output = listed(prices, "output_mtok");
  if (input === "" || output === "") return [];
  const columns = [
    input,
    output,
    // Where caching has no price of its own, it costs what any input costs.
    listed(prices, "cache_read_mtok") || input,
    listed(prices, "cache_write_mtok") || input,
    listed(prices, "cache_write_1h_mtok"),
    // Where searches are not counted they cannot be priced.
    COUNTS_SEARCHES.has(host) ? listed(prices, "web_searches_kcount") : "",
    tierOf(prices),
  ];
  const names = new Set([id, ...namesIn(match)].map((name) => name.toLowerCase().replace(/[@.-]+$/, "")));
  return [[host, [...names].join(","), ...columns].join(";")];
}

/** Null where the price depends on the hour: one figure cannot say it. */
function pricesOn(day: string, prices: ModelInfo["prices"]): ModelPrice | null {
  if (!Array.isArray(prices)) return prices;
  if (prices.some(({ constraint }) => constraint?.type === "time_of_date")) return null;
  const inForce = prices.findLast(
    ({ constraint }) => constraint === undefined || (constraint.type === "start_date" && constraint.start_date <= day),
  );
  return inForce?.prices ?? null;
}

function listed(prices: ModelPrice, key: string): string {
  const price = prices[key];
  if (price === undefined) return "";
  return String(typeof price === "number" ? price : price.base);
}

/** The lowest one: from there on the prices are too low. */
function tierOf(prices: ModelPrice): string {
  const starts = Object.values(prices).flatMap((price) =>
    typeof price === "object" ? price.tiers.map(({ start }) => start) : [],
  );
  return starts.length === 0 ? "" : String(Math.min(...starts));
}

function namesIn(match: MatchLogic): string[] {
  if ("or" in match) return match.or.flatMap(namesIn);
  if ("equals" in match) return [match.equals];
  if ("starts_with" in match) return [match.starts_with];
  return [];
}
