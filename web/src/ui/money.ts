const CENT_MICROS = 10_000;

const dollars = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** Micro-dollars as people read them. Null, which is no amount, says so and is never shown as nothing. */
export function formatMicros(micros: number | null): string {
  if (micros === null) return "not priced";
  if (micros === 0) return "$0.00";
  return micros < CENT_MICROS ? "<$0.01" : `$${dollars.format(micros / 1_000_000)}`;
}
