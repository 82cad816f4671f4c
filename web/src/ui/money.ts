const CENT_MICROS = 10_000;
const DOLLAR_MICROS = 1_000_000;

const dollars = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const whole = new Intl.NumberFormat("en");

/** Micro-dollars as people read them. Null, which is no amount, says so and is never shown as nothing. */
export function formatMicros(micros: number | null): string {
  if (micros === null) return "not priced";
  if (micros === 0) return "$0.00";
  return micros < CENT_MICROS ? "<$0.01" : `$${dollars.format(micros / DOLLAR_MICROS)}`;
}

/** The sum of several calls. Calls without a price are said, not counted as nothing. */
export function formatMicrosSum(costs: readonly (number | null)[]): string {
  const priced = costs.filter((cost) => cost !== null);
  if (priced.length === 0) return formatMicros(null);
  const sum = formatMicros(priced.reduce((total, cost) => total + cost, 0));
  const unpriced = costs.length - priced.length;
  return unpriced === 0 ? sum : `${sum} and ${unpriced} not priced`;
}

/** At the lines of a scale: cents only where there are some. */
export function formatScaleMicros(micros: number): string {
  return micros % DOLLAR_MICROS === 0 ? `$${whole.format(micros / DOLLAR_MICROS)}` : formatMicros(micros);
}

/** "1,234", "12.3k", "4.5M", "1.2B": cut, so that no figure looks like more than it is. */
export function formatTokens(tokens: number): string {
  if (tokens < 10_000) return whole.format(tokens);
  if (tokens < 1_000_000) return `${cut(tokens / 1_000)}k`;
  if (tokens < 1_000_000_000) return `${cut(tokens / 1_000_000)}M`;
  return `${cut(tokens / 1_000_000_000)}B`;
}

/** Every digit of it. */
export function formatCount(count: number): string {
  return whole.format(count);
}

/** One decimal while it says something. */
function cut(value: number): string {
  const tenths = Math.floor(value * 10 + 1e-9) / 10;
  return value >= 100 ? String(Math.floor(value)) : String(tenths);
}
