import { formatCents, roundCents } from "./money.js";
import { nightsBetween } from "./stay.js";
import { classFor, discountFor, POWER_CENTS } from "./tariff.js";

/** The invoice for one stay: its lines and their total, in cents. */
export function invoiceFor({ lengthMetres, arrival, departure, power = false }) {
  const nights = nightsBetween(arrival, departure);
  const berth = classFor(lengthMetres);
  const lines = [{ text: `${nights} nights, ${berth.name} berth`, cents: nights * berth.nightlyCents }];

  const discount = discountFor(nights);
  if (discount > 0) {
    lines.push({ text: "Long stay", cents: -roundCents(nights * berth.nightlyCents * discount) });
  }
  if (power) {
    lines.push({ text: "Shore power", cents: nights * POWER_CENTS });
  }
  return { lines, totalCents: lines.reduce((total, line) => total + line.cents, 0) };
}

/** An invoice as text, one line each and the total at the end. */
export function printInvoice(invoice) {
  const rows = [...invoice.lines, { text: "Total", cents: invoice.totalCents }];
  return rows.map((row) => `${row.text.padEnd(28)}${formatCents(row.cents).padStart(10)}`).join("\n");
}
