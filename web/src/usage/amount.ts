/** Amounts of money as people write them. Exact: no number with a point is ever made of one. */

const AMOUNT = /^\$?\s*(\d{1,9})(?:\.(\d{1,6}))?$/;

/** "12.50", "$1,000" → micro-dollars; null where it is no amount. */
export function readAmount(text: string): number | null {
  const [, whole, fraction = ""] = AMOUNT.exec(text.trim().replaceAll(",", "")) ?? [];
  if (whole === undefined) return null;
  return Number(whole) * 1_000_000 + Number(fraction.padEnd(6, "0"));
}

/** As it is written into a field: "12.50", or with as many digits as it takes. */
export function amountText(micros: number): string {
  const whole = Math.floor(micros / 1_000_000);
  const fraction = String(micros % 1_000_000)
    .padStart(6, "0")
    .replace(/0{1,4}$/, "");
  return `${whole}.${fraction}`;
}
